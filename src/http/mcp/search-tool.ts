// The tool that searches: the action `search`, with results for a context window.
import type { Action, Actions } from '../api/actions.js';
import { partSchemas } from '../openapi/answer-schemas.js';
import type { JsonSchema } from '../openapi/schemas.js';
import { collectPage } from './collect-page.js';
import { pageSchema, renderPageAnswer } from './page-answer.js';
import type { Tool } from './tool.js';
import { budgetFields, parseOwnArguments, unknownArgument } from './tool-fields.js';

/** A model needs the file and line of an entry to read on. */
const DEFAULT_FORMAT = 'object';

/** At least how many tokens a result takes, so that a page never needs more results than fit. */
const MIN_RESULT_TOKENS = { text: 2, object: 15, kwic: 15 };

export function createSearchTool({ search }: Pick<Actions, 'search'>): Tool {
  const format = { ...search.fields.format, schema: search.fields.format.schema.default(DEFAULT_FORMAT) };
  const fields = { ...search.fields, format, ...budgetFields };
  const unknown = unknownArgument('search', fields);
  return {
    title: 'Search texts',
    description: `Searches text files with grep and returns the lines (or quotes) that match, each with its file and line number. Use it to find where a text says something. Use "count" instead if only numbers matter, and "read" to see more of the text around a result.

A dictionary is a text file, or a folder of text files, that can be searched; "list_dictionaries" lists them. Without "dictionary", the default one is searched; "*" searches all. "files" limits a search to some files of a folder.

A term is literal and case-sensitive unless "syntax" is "word", "regex" (POSIX extended, as grep -E) or "phrase" (which also matches across line ends, best with "unit": "quote"), or "ignore_case" is true. Give at least one of "term", "all_of", "any_of" and "none_of". If nothing matches, try "ignore_case": true, a shorter term, or "dictionary": "*".

"n_before" and "n_after" add lines of context. "format": "kwic" returns each match with a little text on both sides, which suits long lines and overviews. "nr of entries" is the number of all matching entries, on this page or not. If the answer has "next_offset", repeat the call with that as "offset" for more.`,
    action: 'search',
    fields,
    outputSchema: pageSchema('entries', {
      anyOf: [{ type: 'string' }, entrySchema(), partSchemas.concordanceLine ?? {}],
    }),
    async run(input, { engine, signal, setSubject }) {
      const { own, others } = parseOwnArguments('search', budgetFields, input);
      const wanted: Record<string, unknown> = { format: DEFAULT_FORMAT, ...others };
      const most = Math.ceil(own.max_tokens / minResultTokens(wanted.format));
      const query = { ...wanted, nresults: clamp(wanted.nresults, most) };
      const parsed = (search as Action).parse(query, { convert: false, unknown });
      setSubject({ dictionary: parsed.values.dictionary, term: parsed.terms.join(' ') });
      const escaping = parsed.values.escape ?? 'json';
      const options = { maxTokens: own.max_tokens, escaping };
      const { page, summary } = await collectPage(parsed.run(engine, signal), options);
      const isUnrepeatable = parsed.values.order === 'random' && parsed.values.seed === undefined;
      return renderPageAnswer(page, {
        noun: 'entries',
        total: summary.nrOfEntries,
        offset: typeof wanted.offset === 'number' ? wanted.offset : 0,
        truncated: summary.truncated,
        notes: isUnrepeatable
          ? ['The order is random: for pages that fit together, give each call the same seed.']
          : [],
      });
    },
  };
}

function minResultTokens(format: unknown): number {
  return MIN_RESULT_TOKENS[format as keyof typeof MIN_RESULT_TOKENS] ?? MIN_RESULT_TOKENS.text;
}

/** Limits `nresults`, of which 0 or less means all. Leaves what isn't a number for the check. */
function clamp(nresults: unknown, most: number): unknown {
  if (nresults === undefined) return most;
  if (typeof nresults !== 'number' || !Number.isInteger(nresults)) return nresults;
  return nresults <= 0 ? most : Math.min(nresults, most);
}

/** Valid in every draft of JSON Schema, unlike the schema in the OpenAPI document. */
function entrySchema(): JsonSchema {
  const { properties, ...entry } = partSchemas.entry as { properties: Record<string, JsonSchema> };
  const { description } = properties.matches as JsonSchema;
  const offsets = { type: 'array', items: { type: 'integer', minimum: 0 }, minItems: 2, maxItems: 2 };
  return { ...entry, properties: { ...properties, matches: { type: 'array', items: offsets, description } } };
}
