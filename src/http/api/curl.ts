// Requests as commands.
import { API_ROUTE } from '../routes.js';

/** A command that can be pasted into a shell. */
export function curl(request: object, origin: string): string {
  return `curl -H 'Content-Type: application/json' -d ${quoted(JSON.stringify(request))} ${quoted(origin + API_ROUTE)}`;
}

/** As one word of a shell, whatever it holds. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
