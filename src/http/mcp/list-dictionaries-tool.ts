// The tool that lists the dictionaries.
import type { Dictionary } from '../../search/engine.js';
import { dictionaryListFields } from '../api/dictionary-list.js';
import { filterByName } from '../api/name-filter.js';
import { object } from '../openapi/schemas.js';
import { pageSchema, renderPageAnswer } from './page-answer.js';
import { pageOf } from './page-of.js';
import { numberOf } from './result-text.js';
import type { Tool } from './tool.js';
import { budgetFields, pageFieldsOf, parseArguments } from './tool-fields.js';

const fields = { filter: dictionaryListFields.filter, ...pageFieldsOf('dictionaries'), ...budgetFields };

const dictionarySchema = object(
  {
    name: { type: 'string' },
    files: { type: 'integer', minimum: 0, description: 'the number of its files' },
    bytes: { type: 'integer', minimum: 0 },
    modified: { type: 'string', description: 'when it last changed' },
    warning: { type: 'string', description: 'a problem that affects searches of it' },
  },
  ['warning'],
);

export const listDictionariesTool: Tool = {
  title: 'List dictionaries',
  description: `Lists the dictionaries: the text files, and the folders of text files, that can be searched. Start here if you don't know what texts there are. Pass a "name" as "dictionary" to other tools. "filter" selects names that contain a text, or match a glob. "list_files" lists the files of one dictionary.

If the answer has "next_offset", repeat the call with that as "offset" for more.`,
  fields,
  outputSchema: pageSchema('dictionaries', dictionarySchema, {
    default: { type: 'string', description: 'the dictionary that is searched if a call names none' },
  }),
  async run(input, { engine, signal }) {
    const { filter, max_tokens: maxTokens, ...range } = parseArguments('list_dictionaries', fields, input);
    const list = await engine.dictionaries(signal);
    const matching = await filterByName(list.dictionaries, filter, ({ name }) => name, signal);
    const page = pageOf(matching, toRow, (row) => renderRow(row, list.default), { ...range, maxTokens });
    return renderPageAnswer(page, {
      noun: 'dictionaries',
      total: matching.length,
      offset: range.offset,
      more: list.default === undefined ? {} : { default: list.default },
    });
  },
};

type Row = Pick<Dictionary, 'name' | 'files' | 'bytes' | 'modified' | 'warning'>;

function toRow({ name, files, bytes, modified, warning }: Dictionary): Row {
  return { name, files, bytes, modified, ...(warning !== undefined && { warning }) };
}

function renderRow({ name, files, bytes, warning }: Row, defaultName: string | undefined): string {
  const size = files === 1 ? `${bytes} bytes` : `${numberOf(files, 'file', 'files')}, ${bytes} bytes`;
  const isDefault = name === defaultName ? ' (default)' : '';
  return `${name}: ${size}${isDefault}${warning === undefined ? '' : `. Warning: ${warning}`}`;
}
