// Renders API requests as curl commands.
import { API_ROUTE } from '../routes.js';

/** A command that can be pasted into a shell. */
export function curl(request: object, origin: string): string {
  return `curl -H 'Content-Type: application/json' -d ${quote(JSON.stringify(request))} ${quote(origin + API_ROUTE)}`;
}

/** Quotes any text as one word of a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
