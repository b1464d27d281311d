// Results as text, as grep prints them: compact, and with what a model needs to look further.
import type { EntryObject } from '../../search/engine.js';
import type { ConcordanceLine, FileCount, Result } from '../../search/query.js';

/** Returns the text of a result of a search or count. Lines of context have `-` instead of `:`. */
export function renderResult(result: Result): string {
  if (typeof result === 'string') return result;
  if ('before' in result) return renderEntry(result);
  if ('left' in result) return renderConcordanceLine(result);
  return 'entries' in result ? renderCount(result) : `${result.text}: ${result.count}`;
}

function renderEntry({ file, line, text, before, after }: EntryObject): string {
  return [
    ...before.map((context) => `${file}- ${context}`),
    `${file}:${line}: ${text}`,
    ...after.map((context) => `${file}- ${context}`),
  ].join('\n');
}

function renderConcordanceLine({ file, line, left, match, right }: ConcordanceLine): string {
  return `${file}:${line}: ${left}[${match}]${right}`;
}

function renderCount({ file, entries, matches, per_million_words }: FileCount): string {
  const perMillion = `${per_million_words} per million words`;
  return `${file}: ${numberOf(entries, 'entry', 'entries')}, ${numberOf(matches, 'match', 'matches')}, ${perMillion}`;
}

/** `1 file`, `2 files` */
export function numberOf(count: number, singular: string, plural: string): string {
  return `${count} ${count === 1 ? singular : plural}`;
}

/** Results that may have several lines are separated as grep separates them. */
export function joinResults(texts: readonly string[]): string {
  return texts.join(texts.some((text) => text.includes('\n')) ? '\n--\n' : '\n');
}
