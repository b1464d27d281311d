// The entries of several texts, grouped by text.

import { selectsSeveral } from '../../search/dictionary-selector.js';
import type { Dispersion } from '../../search/dispersion.js';

/** Consecutive entries of one text. */
export interface EntryGroup<Entry> {
  /** The name of the text: a file, or a folder. `undefined` if only one text was searched. */
  text: string | undefined;
  /** The index of the first entry on the page. */
  first: number;
  entries: Entry[];
}

/** Groups the entries on a page, which are in the order of the texts unless they were drawn. */
export function groupByText<Entry extends { file: string }>(
  entries: readonly Entry[],
  selector: string,
): EntryGroup<Entry>[] {
  if (!selectsSeveral(selector)) return [{ text: undefined, first: 0, entries: [...entries] }];
  const groups: EntryGroup<Entry>[] = [];
  for (const [first, entry] of entries.entries()) {
    const text = textOf(entry.file);
    const last = groups.at(-1);
    if (last?.text === text) last.entries.push(entry);
    else groups.push({ text, first, entries: [entry] });
  }
  return groups;
}

/** Returns the number of entries of each text, or `undefined` unless all are known. */
export function countByText(dispersion: Dispersion | undefined): Map<string, number> | undefined {
  if (!dispersion?.isComplete) return undefined;
  const counts = new Map<string, number>();
  for (const [file, count] of dispersion.countByFile) {
    const text = textOf(file);
    counts.set(text, (counts.get(text) ?? 0) + count);
  }
  return counts;
}

/** Returns the text that a file belongs to. */
function textOf(file: string): string {
  return file.split('/', 1)[0] as string;
}
