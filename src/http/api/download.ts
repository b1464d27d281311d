// Answers as files to download: a link can't choose the Accept header that a browser sends.
import Joi from 'joi';
import { field } from '../../config/field-table.js';
import { oneOfText } from './field-kinds.js';

export const DOWNLOADS = ['csv', 'tsv', 'ndjson'] as const;

export type Download = (typeof DOWNLOADS)[number];

/** A parameter of `GET /api/v1/search` besides the fields of its action. */
export const downloadField = field<Download | undefined>({
  schema: Joi.string().valid(...DOWNLOADS),
  expected: oneOfText(DOWNLOADS),
  description: 'return the answer as a file in this format, whatever the Accept header says',
});

/** The value of a Content-Disposition header (RFC 6266). */
export function contentDisposition(action: string, download: Download): string {
  return `attachment; filename="grepd-${action}.${download}"`;
}
