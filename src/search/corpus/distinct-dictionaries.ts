// Puts several dictionaries in the order of their files, each file once.
import { compareBytes } from './dictionary-root.js';

interface Found {
  name: string;
  /** In byte order of their paths. */
  files: readonly { path: string }[];
}

/**
 * Sorts dictionaries by the paths of their files. Omits those without files, and those that another
 * one contains.
 */
export function distinctDictionaries<Dictionary extends Found>(dictionaries: readonly Dictionary[]): Dictionary[] {
  const sorted = dictionaries
    .filter(({ files }) => files.length > 0)
    // A folder comes before a file or folder in it.
    .sort((a, b) => compareBytes(startOf(a), startOf(b)));
  const distinct: Dictionary[] = [];
  for (const dictionary of sorted) {
    const last = distinct.at(-1);
    if (last === undefined || !contains(last, dictionary)) distinct.push(dictionary);
  }
  return distinct;
}

/** Returns what the paths of all files begin with. A file may be found without its suffix. */
function startOf({ name, files }: Found): string {
  const path = files[0]?.path ?? '';
  return path.startsWith(`${name}/`) ? `${name}/` : path;
}

function contains(one: Found, other: Found): boolean {
  const start = startOf(one);
  return start.endsWith('/') ? startOf(other).startsWith(start) : startOf(other) === start;
}
