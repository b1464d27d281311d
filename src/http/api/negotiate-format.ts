// Chooses the format of an answer by the client's Accept header (RFC 9110, section 12.5.1).
import { AppError } from '../../errors.js';
import type { RequestContext } from '../request-state.js';
import { type AnswerFormat, json, ndjson } from './answer-format.js';
import { CSV_TYPE, createCsvFormat, createTsvFormat, TSV_TYPE } from './csv-format.js';
import type { Download } from './download.js';
import type { ParsedRequest } from './parse-request.js';

/**
 * Returns JSON if the client accepts none of the formats. CSV and TSV are only for entries that are
 * objects. Throws `invalid_request` if they would have to be escaped for HTML.
 */
export function negotiateFormat(
  ctx: RequestContext,
  { columns, escaping }: Pick<ParsedRequest, 'columns' | 'escaping'>,
): AnswerFormat {
  const { accept } = ctx.req.headers;
  // The usual values need no parsing.
  if (accept === undefined || accept === '' || accept === '*/*' || accept === json.mediaType) return json;
  const tables = columns === undefined ? [] : [CSV_TYPE, TSV_TYPE];
  const accepted = ctx.accepts(json.mediaType, ndjson.mediaType, `${ndjson.mediaType}; charset=utf-8`, ...tables);
  if (accepted === false || accepted === json.mediaType) return json;
  if (columns === undefined || accepted.startsWith(ndjson.mediaType)) return ndjson;
  return tableFormat(accepted === CSV_TYPE ? 'csv' : 'tsv', columns, escaping);
}

/** Returns the format of a file. Throws `invalid_request` if the entries have no columns. */
export function downloadFormat(
  download: Download,
  { columns, escaping }: Pick<ParsedRequest, 'columns' | 'escaping'>,
): AnswerFormat {
  if (download === 'ndjson') return ndjson;
  if (columns !== undefined) return tableFormat(download, columns, escaping);
  throw new AppError('invalid_request', `"download": "${download}" requires "format": "object" or "kwic".`);
}

function tableFormat(
  type: 'csv' | 'tsv',
  columns: readonly string[],
  escaping: ParsedRequest['escaping'],
): AnswerFormat {
  const format = type === 'csv' ? createCsvFormat(columns) : createTsvFormat(columns);
  // The apostrophe before a formula isn't safe in HTML.
  if (escaping === 'html') {
    throw new AppError('invalid_request', `"escape": "html" can't be combined with ${format.mediaType}.`);
  }
  return format;
}
