// The routes, for the routers, the links and the documentation.
import { MAX_WAIT_SECONDS } from '../config/settings.js';

export interface Route {
  path: string;
  /** What a GET returns. */
  description: string;
  /** Whether it is an HTML page. */
  isPage?: boolean;
  /** Whether it needs no API key even if keys are set. */
  isPublic?: boolean;
}

export const API_ROUTE = '/api/v1/json';

/** With a name below it, adds (PUT) or removes (DELETE) a text. Served only if uploads are on. */
export const TEXTS_ROUTE = '/api/v1/texts';

/** The Model Context Protocol, by POST. Not served with `MCP=false`. */
export const MCP_ROUTE = '/mcp';

/** The other routes, all for GET. */
export const routes = {
  page: { path: '/', description: 'the search page', isPage: true },
  random: {
    path: '/random',
    description: 'redirects to a random quote on the search page; `?dictionary=…` selects the dictionary',
    isPage: true,
  },
  texts: {
    path: '/d',
    description:
      'the list of texts, or with `?filter=…` those with such names; `/d/<dictionary>` and `/d/<dictionary>/<file>` show one, `?line=…` shows the lines around a line, and the fields of a search mark its matches',
    isPage: true,
  },
  instructions: {
    path: '/api/v1/web',
    description: 'the instructions: every action, field and error, with examples',
    isPage: true,
    isPublic: true,
  },
  help: {
    path: '/help',
    description: 'help for readers: how to search, regular expressions, views and keys',
    isPage: true,
    isPublic: true,
  },
  openapi: { path: '/openapi.json', description: 'the API as an OpenAPI 3.1 document', isPublic: true },
  docs: {
    path: '/docs',
    description: 'the API reference, where you can try requests',
    isPage: true,
    isPublic: true,
  },
  dictionaries: {
    path: '/api/v1/dictionaries',
    description:
      '`{ "default", "dictionaries": [{ "name", "files", "bytes", "modified", "version", "index", "encoding", "warning" }], "links" }`; the version changes when a file does; the index is `current`, `building`, `stale` or `none`; the encoding is `null` until it is known, and a warning says what to do about a text that is not in UTF-8; the links lead to the rest of the API; `?filter=…` selects dictionaries by their names, `offset` and `nresults` a page of them, and `"nr of dictionaries"` then says how many match',
  },
  search: {
    path: '/api/v1/search',
    description:
      'the answer to a search in the URL: `?term=…` and the other fields of a request, arrays as repeated parameters; `?action=…` selects an action other than `search`; has an ETag',
  },
  total: {
    path: '/total',
    description:
      '`{ "total": 500000500000 }`: the sum of the numbers from `NUMBERS_API_URL` or, if that is not set, of 0 to 1,000,000 after a second',
  },
  healthz: { path: '/healthz', description: '200: the worker is alive', isPublic: true },
  readyz: {
    path: '/readyz',
    description:
      '200: the worker is ready for requests; 503 while it starts or drains, or the search backend is unavailable',
    isPublic: true,
  },
  status: {
    path: '/status',
    description: 'the status of the service: requests, latency, memory and workers, with live charts',
    isPage: true,
  },
  metrics: {
    path: '/metrics',
    description: 'the metrics of all workers, in the Prometheus text format',
  },
  robots: {
    path: '/robots.txt',
    description: 'what search engines may visit: the texts, but no searches',
    isPublic: true,
  },
  opensearch: {
    path: '/opensearch.xml',
    description: 'the OpenSearch description: adds grepd to the search engines of a browser',
    isPublic: true,
  },
  favicon: { path: '/favicon.ico', description: 'the icon', isPublic: true },
  wait: {
    path: '/wait',
    description: `responds after \`?seconds=…\` (1 to ${MAX_WAIT_SECONDS}, by default 10); only with \`WAIT_ROUTE=true\``,
  },
} satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;

/** Returns the routes that are served under these settings. */
export function routeNames({ waitRoute }: { waitRoute: boolean }): RouteName[] {
  return (Object.keys(routes) as RouteName[]).filter((name) => waitRoute || name !== 'wait');
}
