// The serialization of answers as CSV (RFC 4180) and TSV, for spreadsheets and data tools.
import type { Match } from '../../search/engine.js';
import type { Result } from '../../search/query.js';
import { type AnswerFormat, NOSNIFF } from './answer-format.js';

/** The values of an entry by column. */
type Row = Readonly<Record<string, Value>>;
type Value = number | string | readonly string[] | readonly Match[] | undefined;

interface Table {
  mediaType: string;
  /** The parameters of the media type. */
  parameters: string;
  separator: string;
  rowEnd: string;
  renderField: (text: string) => string;
}

const csv: Table = {
  mediaType: 'text/csv',
  parameters: '; charset=utf-8; header=present',
  separator: ',',
  rowEnd: '\r\n',
  renderField: (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text),
};

/** Without quoting: no field can contain a tab or line end (IANA, text/tab-separated-values). */
const tsv: Table = {
  mediaType: 'text/tab-separated-values',
  parameters: '; charset=utf-8',
  separator: '\t',
  rowEnd: '\n',
  renderField: (text) => text.replace(/\r\n|[\t\r\n]/g, ' '),
};

/** The headers or trailers with the summary of an answer. */
export const ENTRIES_FIELD = 'Grepd-Entries';
export const TRUNCATED_FIELD = 'Grepd-Truncated';

/** A header row, then a row for each entry. */
export function createCsvFormat(columns: readonly string[]): AnswerFormat {
  return createFormat(csv, columns);
}

/** Like CSV, but tabs and line ends in texts become spaces. */
export function createTsvFormat(columns: readonly string[]): AnswerFormat {
  return createFormat(tsv, columns);
}

/** The media types with all their parameters, any of which a client may name. */
export const CSV_TYPE = csv.mediaType + csv.parameters;
export const TSV_TYPE = tsv.mediaType + tsv.parameters;

function createFormat(
  { mediaType, parameters, separator, rowEnd, renderField }: Table,
  columns: readonly string[],
): AnswerFormat {
  const header = columns.join(separator) + rowEnd;
  const renderRow = (row: Row) => columns.map((name) => renderField(renderValue(row[name]))).join(separator) + rowEnd;
  return {
    mediaType,
    headers: { 'Content-Type': mediaType + parameters, ...NOSNIFF },
    prefix: header,
    serializeBatch: (entries) => entries.map((entry) => renderRow(asRow(entry))).join(''),
    separator: '',
    suffix: () => '',
    complete: (batches) => header + batches.join(''),
    summaryFields: (nrOfEntries, truncated) => ({
      [ENTRIES_FIELD]: String(nrOfEntries),
      ...(truncated !== undefined && { [TRUNCATED_FIELD]: truncated }),
    }),
  };
}

/** Only entries that are objects have columns. */
function asRow(entry: Result): Row {
  return entry as unknown as Row;
}

function renderValue(value: Value): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return neutralizeFormula(value);
  return isMatches(value) ? value.map((match) => match.join('-')).join(' ') : neutralizeFormula(value.join('\n'));
}

function isMatches(value: readonly string[] | readonly Match[]): value is readonly Match[] {
  return Array.isArray(value[0]);
}

/** What begins a formula in a spreadsheet, or may be skipped before one (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r\n\0]/;

/** Keeps a spreadsheet from evaluating a text. The apostrophe becomes part of the field. */
function neutralizeFormula(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}
