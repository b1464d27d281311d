// The tool that lists the files of a dictionary.
import type { ListedFile } from '../../search/engine.js';
import { dictionaryField } from '../api/dictionary-field.js';
import { filterByName, filterField } from '../api/name-filter.js';
import { object } from '../openapi/schemas.js';
import { pageSchema, renderPageAnswer } from './page-answer.js';
import { pageOf } from './page-of.js';
import type { Tool } from './tool.js';
import { budgetFields, pageFieldsOf, parseArguments } from './tool-fields.js';

const fields = { dictionary: dictionaryField, filter: filterField, ...pageFieldsOf('files'), ...budgetFields };

const fileSchema = object(
  {
    file: { type: 'string', description: 'its path, which `read` takes as `file`' },
    bytes: { type: 'integer', minimum: 0, description: 'its size, compressed if it is a compressed file' },
    warning: { type: 'string', description: 'a problem that affects searches of it' },
  },
  ['warning'],
);

export const listFilesTool: Tool = {
  title: 'List files',
  description: `Lists the files of a dictionary, with their paths and sizes. Use it to see how a folder of texts is organized, for example by chapter, before you "read" a file, or limit a search with "files". "filter" selects paths that contain a text, or match a glob.

If the answer has "next_offset", repeat the call with that as "offset" for more.`,
  action: 'list',
  fields,
  outputSchema: pageSchema('files', fileSchema),
  async run(input, { engine, signal, setSubject }) {
    const { dictionary, filter, max_tokens: maxTokens, ...range } = parseArguments('list_files', fields, input);
    setSubject({ dictionary });
    const files = await engine.files(dictionary, signal);
    const matching = await filterByName(files, filter, ({ file }) => file, signal);
    const page = pageOf(matching, toRow, renderRow, { ...range, maxTokens });
    return renderPageAnswer(page, { noun: 'files', total: matching.length, offset: range.offset });
  },
};

function toRow({ file, bytes, warning }: ListedFile): ListedFile {
  return { file, bytes, ...(warning !== undefined && { warning }) };
}

function renderRow({ file, bytes, warning }: ListedFile): string {
  return `${file}: ${bytes} bytes${warning === undefined ? '' : `. Warning: ${warning}`}`;
}
