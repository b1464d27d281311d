// Requests as commands.
import { API_ROUTE } from './routes.js';

/** A command that can be pasted into a shell. */
export function curl(request: object, origin: string): string {
  const body = JSON.stringify(request).replaceAll("'", "'\\''");
  return `curl -H 'Content-Type: application/json' -d '${body}' '${origin}${API_ROUTE}'`;
}
