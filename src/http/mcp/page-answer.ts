// Renders a page of results: the results, the total, and the offset of the next page.
import type { Truncation } from '../../search/engine.js';
import { type JsonSchema, object } from '../openapi/schemas.js';
import type { ResultPage } from './result-page.js';
import { joinResults, numberOf } from './result-text.js';
import type { ToolOutput } from './tool.js';

/** What a page lists: plurals, with their singulars. */
const NOUNS = { entries: 'entry', files: 'file', dictionaries: 'dictionary', lines: 'line' };
export type Noun = keyof typeof NOUNS;

/** How many shortened results the text lists. */
const MAX_LISTED = 10;

export interface PageSummary {
  /** What is counted. The structured content has the total as `nr of entries`. */
  noun: Noun;
  total: number;
  offset: number;
  truncated?: Truncation | undefined;
  /** Further properties of the structured content. */
  more?: Record<string, unknown>;
  /** Sentences for the reader. */
  notes?: readonly string[];
  /** What to add about the call for the next page: `without …`. */
  nextPageHint?: string;
}

/** Renders a page. If results are missing, the answer includes the reason, and how to get them. */
export function renderPageAnswer(page: ResultPage<unknown>, summary: PageSummary): ToolOutput {
  const { noun, total, offset, truncated, more, notes = [], nextPageHint = '' } = summary;
  const { results, texts, shortened } = page;
  const end = offset + results.length;
  const nextOffset = results.length > 0 && end < total ? end : undefined;
  return {
    structuredContent: {
      [totalName(noun)]: total,
      offset,
      ...(nextOffset !== undefined && { next_offset: nextOffset }),
      ...more,
      results,
      ...(shortened.length > 0 && { shortened }),
      ...(truncated !== undefined && { truncated }),
    },
    text: [
      describeRange(noun, total, offset, end),
      ...(texts.length > 0 ? [joinResults(texts)] : []),
      ...notes,
      ...(shortened.length > 0
        ? [`Shortened to fit: results ${listOf(shortened, offset)}. A larger max_tokens shows more of them.`]
        : []),
      ...(truncated !== undefined ? [`The answer is incomplete: ${truncated}.`] : []),
      ...(nextOffset !== undefined ? [`More: use offset ${nextOffset} for the next page${nextPageHint}.`] : []),
    ].join('\n'),
  };
}

function describeRange(noun: Noun, total: number, offset: number, end: number): string {
  if (total === 0) return `No ${noun}.`;
  const all = numberOf(total, NOUNS[noun], noun);
  if (offset >= total) return `${all}, none from offset ${offset} on.`;
  if (end - offset === total) return `${all}:`;
  return `${all}, showing ${end - offset === 1 ? end : `${offset + 1} to ${end}`}:`;
}

/** Returns numbers that start at 1, like those of the range. */
function listOf(indexes: readonly number[], offset: number): string {
  const shown = indexes.slice(0, MAX_LISTED).map((index) => offset + index + 1);
  return `${shown.join(', ')}${indexes.length > MAX_LISTED ? ', …' : ''}`;
}

const totalName = (noun: Noun) => `nr of ${noun}`;

const count: JsonSchema = { type: 'integer', minimum: 0 };

/** The schema of the structured content of a page. */
export function pageSchema(noun: Noun, items: JsonSchema, more: Record<string, JsonSchema> = {}) {
  const optional = ['next_offset', 'shortened', 'truncated'];
  const properties = {
    [totalName(noun)]: { ...count, description: `the number of ${noun} in all, on this page or not` },
    offset: { ...count, description: `how many ${noun} are before this page` },
    next_offset: { ...count, description: 'the offset of the next page; absent on the last page' },
    ...more,
    results: { type: 'array', items },
    shortened: { type: 'array', items: count, description: 'the indexes of results whose texts were cut to fit' },
    truncated: {
      type: 'string',
      description:
        'why the answer is incomplete, if it is: `line_length`, `dictionary_changed`, `unreadable_folder`, …',
    },
  };
  return object(properties, optional) as JsonSchema & { type: 'object' };
}
