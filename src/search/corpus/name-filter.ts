// Selects dictionaries by the names that the list of dictionaries has.
import { createGlob } from './glob.js';

/** Returns a function that checks whether a name matches any of the globs. No globs match all. */
export function createNameFilter(globs: readonly string[]): (name: string) => boolean {
  const filters = globs.map(createGlob);
  return (name) => filters.length === 0 || filters.some((matches) => matches(name));
}
