// Selectors say which dictionaries a query reads: one, several, or all. They are strings, so that
// caches can use them as keys.

/** Selects all dictionaries. A file or folder of this name is only part of all. */
export const ALL_DICTIONARIES = '*';

/** No name contains it. */
const SEPARATOR = '\0';

/** Neither does any name have an empty component. */
const INVALID_COMPONENT = '//';

/** The maximum number of names in a selector, for callers to check. */
export const MAX_NAMES = 1_000;

/**
 * Returns the selector of some dictionaries, in any order. That of a single one is its name. An
 * invalid name stays invalid.
 */
export function selectorOf(names: readonly string[]): string {
  if (names.includes(ALL_DICTIONARIES)) return ALL_DICTIONARIES;
  const distinct = new Set(names.map((name) => name.replaceAll(SEPARATOR, INVALID_COMPONENT)));
  return [...distinct].sort().join(SEPARATOR);
}

/**
 * Returns the selector of all dictionaries whose names in the list match one of the globs. Only
 * grepd itself uses it: requests can't express it.
 */
export function selectorOfMatching(globs: readonly string[]): string {
  return [ALL_DICTIONARIES, ...globs].join(SEPARATOR);
}

/**
 * Returns the globs if a selector selects all dictionaries, or all that match: none for all.
 * Returns `undefined` if it names dictionaries.
 */
export function globsOfAll(selector: string): readonly string[] | undefined {
  const [first, ...globs] = namesIn(selector);
  return first === ALL_DICTIONARIES ? globs : undefined;
}

/** Whether a selector can select several dictionaries. */
export function selectsSeveral(selector: string | undefined): boolean {
  return selector === ALL_DICTIONARIES || selector?.includes(SEPARATOR) === true;
}

/** Describes a selector in one line, for the log. */
export function describeSelector(selector: string): string {
  return selector.replaceAll(SEPARATOR, ', ');
}

/** Returns the names in a selector: those of dictionaries, or `*`. */
export function namesIn(selector: string): string[] {
  return selector.split(SEPARATOR);
}
