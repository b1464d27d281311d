// Links from the list of dictionaries to the rest of the API, so that programs can discover it.

import { API_ROUTE, type Route, routes } from '../routes.js';
import type { Actions } from './actions.js';

interface Link {
  method: 'GET' | 'POST';
  path: string;
  means: string;
  /** An example request. */
  body?: object;
}

export function createLinks(actions: Actions): Record<string, Link> {
  const get = ({ path, description }: Route): Link => ({ method: 'GET', path, means: description });
  const posts = Object.entries(actions).map(([name, { summary, example }]): [string, Link] => [
    name,
    { method: 'POST', path: API_ROUTE, means: summary, body: example.request },
  ]);
  return { ...Object.fromEntries(posts), total: get(routes.total), instructions: get(routes.instructions) };
}
