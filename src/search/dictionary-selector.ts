// Selectors say which dictionaries a query reads: one, several, or all. They are strings, so that
// caches can use them as keys.

/** Selects all dictionaries. A file or folder of this name is only part of all. */
export const ALL_DICTIONARIES = '*';

/** No name contains it. */
const SEPARATOR = '\0';

/** Returns the selector of some dictionaries. That of a single one is its name. */
export function selectorOf(names: readonly string[]): string {
  if (names.includes(ALL_DICTIONARIES)) return ALL_DICTIONARIES;
  return [...new Set(names)].join(SEPARATOR);
}

/** Whether a selector can select several dictionaries. */
export function selectsSeveral(selector: string | undefined): selector is string {
  return selector === ALL_DICTIONARIES || selector?.includes(SEPARATOR) === true;
}

/** Returns the names in a selector: those of dictionaries, or `*`. */
export function namesIn(selector: string): string[] {
  return selector.split(SEPARATOR);
}
