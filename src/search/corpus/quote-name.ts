// Quotes names in messages.

/** Keeps messages short enough for a line of the log. */
const MAX_LENGTH = 60;

/** Quotes a caller's name for a message, as truncated JSON. */
export function quoteName(name: string): string {
  const quoted = JSON.stringify(name.slice(0, MAX_LENGTH + 1));
  return quoted.length > MAX_LENGTH ? `${quoted.slice(0, MAX_LENGTH)}…` : quoted;
}
