// What else there is, told to programs with the list of dictionaries.

import { API_ROUTE, type Route, routes } from '../routes.js';
import type { Actions } from './actions.js';

interface Link {
  method: 'GET' | 'POST';
  path: string;
  means: string;
  /** A request to try. */
  body?: object;
}

export function linksOf(actions: Actions): Record<string, Link> {
  const get = ({ path, description }: Route): Link => ({ method: 'GET', path, means: description });
  const posts = Object.entries(actions).map(([name, { summary, example }]): [string, Link] => [
    name,
    { method: 'POST', path: API_ROUTE, means: summary, body: example.request },
  ]);
  return { ...Object.fromEntries(posts), total: get(routes.total), instructions: get(routes.instructions) };
}
