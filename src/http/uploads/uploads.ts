// What uploads need, and which requests are uploads.
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../errors.js';
import { createNameFilter } from '../../search/corpus/name-filter.js';
import { assertActionAllowed } from '../access.js';
import type { RequestContext } from '../request-state.js';
import { routes, TEXTS_ROUTE } from '../routes.js';
import type { BodyLimits } from './receive-body.js';

/** Where texts are stored. A name must be checked by the store. */
export interface UploadStore {
  put(
    name: string,
    body: AsyncIterable<Buffer>,
    options: { replace: boolean; isVisible?: ((name: string) => boolean) | undefined },
  ): Promise<{ bytes: number; isReplaced: boolean }>;
  remove(name: string): Promise<void>;
}

export interface Uploads {
  store: UploadStore;
  limits: BodyLimits;
}

/** Whether the body may be large and take long, by the head of the request. */
export function isUpload({ method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>): boolean {
  const [path = ''] = url.split('?', 1);
  if (method === 'PUT') return path.toLowerCase().startsWith(`${TEXTS_ROUTE}/`);
  return method === 'POST' && path.toLowerCase() === routes.texts.path;
}

/** Records the text that a request is about, for the log. */
export function setText(ctx: RequestContext, name: string): void {
  ctx.state.dictionary = name;
}

/** Returns a predicate that holds for the names of dictionaries that the caller may see. */
export function createVisibility({ state }: Pick<RequestContext, 'state'>): (name: string) => boolean {
  return createNameFilter(state.limits?.dictionaries ?? []);
}

/**
 * Throws `forbidden_action` if the caller's key allows no uploads, or none with this name. It may
 * only change what it may see, and learns nothing about the rest.
 */
export function assertUploadAllowed(ctx: Pick<RequestContext, 'state'>, name: string): void {
  assertActionAllowed(ctx, 'upload');
  const [top = name] = name.split('/', 1);
  if (createVisibility(ctx)(top)) return;
  const globs = ctx.state.limits?.dictionaries ?? [];
  throw new AppError(
    'forbidden_action',
    `This API key only allows uploads of dictionaries named ${globs.map((glob) => JSON.stringify(glob)).join(' or ')}.`,
  );
}
