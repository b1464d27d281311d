// Several terms in one text field of the form: separated by commas, in double quotes where needed.

/** A quoted term, whose quotes are doubled in it, or else the text up to the next comma. */
const TERM = /\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))(?:,|$)/gy;

/** Returns the terms in a text. Ignores empty ones. */
export function parseTermList(text: string): string[] {
  const terms: string[] = [];
  for (const [, quoted, plain = ''] of text.matchAll(TERM)) {
    terms.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'));
  }
  return terms.filter((term) => term !== '');
}

/** Returns a text that `parseTermList` parses into the terms. */
export function renderTermList(terms: readonly string[]): string {
  return terms.map((term) => (needsQuotes(term) ? `"${term.replaceAll('"', '""')}"` : term)).join(', ');
}

function needsQuotes(term: string): boolean {
  return term.includes(',') || term.startsWith('"') || term !== term.trim();
}
