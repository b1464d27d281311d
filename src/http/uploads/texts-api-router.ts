// Adds and removes texts, for programs and scripts.
import Joi from 'joi';
import { field } from '../../config/field-table.js';
import { AppError } from '../../errors.js';
import { textUrl } from '../pages/urls.js';
import { parseRequestFields } from '../request-fields.js';
import { createRouter, type RequestContext, type RequestRouter } from '../request-state.js';
import { TEXTS_ROUTE } from '../routes.js';
import { receiveBody } from './receive-body.js';
import { assertSameOrigin } from './same-origin.js';
import { assertUploadAllowed, createVisibility, setText, type Uploads } from './uploads.js';

export const uploadFields = {
  replace: field<boolean>({
    schema: Joi.boolean().default(false),
    expected: 'true or false',
    description: 'whether to replace a text that has the name already, like `If-Match: *`',
  }),
};

export function createTextsApiRouter({ store, limits }: Uploads): RequestRouter {
  const router = createRouter();

  router.put(`${TEXTS_ROUTE}/*name`, async (ctx) => {
    assertSameOrigin(ctx);
    const name = textNameOf(ctx);
    const replace = shouldReplace(ctx);
    assertWholeBody(ctx);
    assertUploadAllowed(ctx, name);
    const options = { replace, isVisible: createVisibility(ctx) };
    const { bytes, isReplaced } = await store.put(name, receiveBody(ctx.req, limits), options);
    ctx.status = isReplaced ? 200 : 201;
    ctx.set('Location', textUrl(name));
    ctx.body = { name, bytes };
  });

  router.delete(`${TEXTS_ROUTE}/*name`, async (ctx) => {
    assertSameOrigin(ctx);
    const name = textNameOf(ctx);
    assertUploadAllowed(ctx, name);
    await store.remove(name);
    ctx.status = 204;
  });

  return router;
}

function textNameOf(ctx: RequestContext): string {
  const encoded = ctx.path.slice(`${TEXTS_ROUTE}/`.length);
  try {
    const name = decodeURIComponent(encoded);
    setText(ctx, name);
    return name;
  } catch (cause) {
    throw new AppError('invalid_request', 'The name of the text must be valid UTF-8, percent-encoded.', { cause });
  }
}

/** Texts have no ETag here, so `*` is the only condition that can be true. */
function shouldReplace(ctx: RequestContext): boolean {
  const condition = ctx.req.headers['if-match'];
  if (condition !== undefined && condition !== '*')
    throw new AppError('invalid_request', 'If-Match must be "*", which replaces a text.');
  return condition === '*' || parseRequestFields(uploadFields, ctx.query, { convert: true }).replace;
}

/** RFC 9110, sections 8.4 and 14.5. */
function assertWholeBody({ req: { headers } }: RequestContext): void {
  if (headers['content-range'] !== undefined)
    throw new AppError('invalid_request', 'A text must be sent whole, without Content-Range.');
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity')
    throw new AppError(
      'unsupported_media_type',
      `A text must not have a Content-Encoding, got ${JSON.stringify(encoding)}.`,
    );
}
