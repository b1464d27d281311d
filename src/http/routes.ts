// The routes, for whoever serves them, links to them or tells of them.
import { MAX_WAIT_SECONDS } from '../config/settings.js';

export interface Route {
  path: string;
  /** What a GET of it gives. */
  description: string;
  /** Whether it is for people. All others are for programs. */
  isPage?: boolean;
  /** Whether it needs no API key, also where keys are set. */
  isOpen?: boolean;
}

export const API_ROUTE = '/api/v1/json';

/** All others; they are for GET. */
export const routes = {
  page: { path: '/', description: 'a page to search with', isPage: true },
  random: {
    path: '/random',
    description: 'leads to a quote at random on that page; `?dictionary=…` says of which dictionary',
    isPage: true,
  },
  texts: {
    path: '/d',
    description:
      'the texts to read; below it are `/d/<dictionary>` and `/d/<dictionary>/<file>`, and with `?line=…` what is around a line',
    isPage: true,
  },
  instructions: {
    path: '/api/v1/web',
    description: 'the instructions: every action, field and error, with examples',
    isPage: true,
    isOpen: true,
  },
  openapi: { path: '/openapi.json', description: 'the API as an OpenAPI 3.1 document', isOpen: true },
  docs: {
    path: '/docs',
    description: 'a reference made from that document, to try the API out',
    isPage: true,
    isOpen: true,
  },
  dictionaries: {
    path: '/api/v1/dictionaries',
    description:
      '`{ "default", "dictionaries": [{ "name", "files", "bytes", "modified", "version" }], "links" }`; the version is the same where the files are; the links say what else there is',
  },
  total: {
    path: '/total',
    description:
      '`{ "total": 500000500000 }`: the sum of the numbers of `NUMBERS_API_URL`; without one, of 0 to 1,000,000 after a second',
  },
  healthz: { path: '/healthz', description: '200: the worker is alive', isOpen: true },
  readyz: {
    path: '/readyz',
    description: '200: it takes requests; 503 while it starts or drains, or has nothing to search with',
    isOpen: true,
  },
  status: {
    path: '/status',
    description: 'how the service is doing: workers, requests, times, memory, as live small charts',
    isPage: true,
  },
  metrics: {
    path: '/metrics',
    description: 'the metrics of all workers, whichever answers, in the text format of Prometheus',
  },
  wait: {
    path: '/wait',
    description: `answers after \`?seconds=10\` (1 to ${MAX_WAIT_SECONDS}); only with \`WAIT_ROUTE=true\``,
  },
} satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;

/** Of the routes that there are under these settings. */
export function routeNames({ waitRoute }: { waitRoute: boolean }): RouteName[] {
  return (Object.keys(routes) as RouteName[]).filter((name) => waitRoute || name !== 'wait');
}
