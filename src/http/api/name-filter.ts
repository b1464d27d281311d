// Selects texts by a part of their names.
import Joi from 'joi';
import { TimeSlice } from '../../concurrency/time-slice.js';
import { field } from '../../config/field-table.js';
import { createGlob } from '../../search/corpus/glob.js';

/** NAME_MAX: no file name is longer. */
const MAX_FILTER_LENGTH = 255;

export const filterField = field<string>({
  schema: Joi.string()
    .allow('')
    .pattern(new RegExp(`^[\\s\\S]{1,${MAX_FILTER_LENGTH}}$`, 'u'))
    .default(''),
  expected: `a string of at most ${MAX_FILTER_LENGTH} characters`,
  description:
    'selects the texts whose names contain this, whatever the case; with `*` or `?`, a glob for the whole name',
  default: 'empty',
});

/** Returns a function that checks whether a name contains the filter, or matches it as a glob. */
export function createNameFilter(filter: string): (name: string) => boolean {
  const folded = fold(filter);
  if (!/[*?]/.test(folded)) return (name) => fold(name).includes(folded);
  const matches = createGlob(folded);
  return (name) => matches(fold(name));
}

/** Returns the items to whose names the filter applies: the array itself if the filter is empty. */
export async function filterByName<Item>(
  items: readonly Item[],
  filter: string,
  nameOf: (item: Item) => string,
  signal: AbortSignal,
): Promise<readonly Item[]> {
  if (filter === '') return items;
  const matches = createNameFilter(filter);
  const slice = new TimeSlice();
  const selected: Item[] = [];
  for (const item of items) {
    if (matches(nameOf(item))) selected.push(item);
    if (slice.isExpired) await slice.yieldToEventLoop();
    signal.throwIfAborted();
  }
  return selected;
}

/** macOS decomposes the names of files, and people type composed characters. */
function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
