// The tool that counts: the action `count`, a page of files at a time.
import type { Action, Actions } from '../api/actions.js';
import { partSchemas } from '../openapi/answer-schemas.js';
import { collectPage } from './collect-page.js';
import { pageSchema, renderPageAnswer } from './page-answer.js';
import { numberOf } from './result-text.js';
import type { Tool } from './tool.js';
import { budgetFields, pageFieldsOf, parseOwnArguments, unknownArgument } from './tool-fields.js';

const ownFields = { ...pageFieldsOf('files'), ...budgetFields };

export function createCountTool({ count }: Pick<Actions, 'count'>): Tool {
  const fields = { ...count.fields, ...ownFields };
  const unknown = unknownArgument('count', fields);
  return {
    title: 'Count matches',
    description: `Counts the lines (or quotes) that match, and the matches in them, in each file that has matches. Use it to find out how often something occurs and in which files, or to compare terms, before or instead of a "search". It takes the same terms and dictionaries as "search".

"nr of entries" is the total of all files. Files are sorted by name. If the answer has "next_offset", repeat the call with that as "offset" for more of them.`,
    action: 'count',
    fields,
    outputSchema: pageSchema('files', partSchemas.fileCount ?? {}, {
      'nr of entries': { type: 'integer', minimum: 0, description: 'the matching entries of all files' },
    }),
    async run(input, { engine, signal, setSubject }) {
      const { own, others } = parseOwnArguments('count', ownFields, input);
      const parsed = (count as Action).parse(others, { convert: false, unknown });
      setSubject({ dictionary: parsed.values.dictionary, term: parsed.terms.join(' ') });
      const escaping = parsed.values.escape ?? 'json';
      const options = { maxTokens: own.max_tokens, escaping, skip: own.offset, limit: own.nresults };
      const { page, summary, returned } = await collectPage(parsed.run(engine, signal), options);
      return renderPageAnswer(page, {
        noun: 'files',
        total: returned,
        offset: own.offset,
        truncated: summary.truncated,
        more: { 'nr of entries': summary.nrOfEntries },
        notes: [`In all files: ${numberOf(summary.nrOfEntries, 'entry', 'entries')}.`],
      });
    },
  };
}
