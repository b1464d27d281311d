/** Long names say no more than their beginning, and a message must fit into a line of a log. */
const MAX_LENGTH = 60;

/** Quotes a caller's name in a message: as JSON, and cut. */
export function quoteName(name: string): string {
  const quoted = JSON.stringify(name.slice(0, MAX_LENGTH + 1));
  return quoted.length > MAX_LENGTH ? `${quoted.slice(0, MAX_LENGTH)}…` : quoted;
}
