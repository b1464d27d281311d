// Reads a JSON body: only application/json, only UTF-8, at most 64 KiB. What it is read into is anything that JSON can say.
import type { Context, Next } from 'koa';
import bodyParser from 'koa-bodyparser';
import { AppError } from '../errors.js';

const LIMIT_BYTES = 64 * 1024;

const parseJson = bodyParser({
  // checkHeaders has seen to the type.
  detectJSON: () => true,
  jsonLimit: String(LIMIT_BYTES),
  strict: false,
});

export async function readJson(ctx: Context, next: Next): Promise<void> {
  checkHeaders(ctx);
  const isUtf8 = watchForUtf8(ctx);
  try {
    await parseJson(ctx, async () => {});
  } catch (error) {
    throw asAppError(error as BodyError);
  }
  if (!isUtf8()) throw new AppError('invalid_json', 'The body must be UTF-8; it holds bytes that are not.');
  await next();
}

/** What raw-body and co-body throw. */
interface BodyError extends Error {
  status?: number;
  type?: string;
}

function checkHeaders(ctx: Context): void {
  const type = ctx.get('Content-Type');
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type)?.[1] ?? 'utf-8';
  if (type.split(';')[0]?.trim().toLowerCase() !== 'application/json' || !/^utf-?8$/i.test(charset)) {
    const got = type === '' ? 'none' : JSON.stringify(type);
    throw new AppError('unsupported_media_type', `Content-Type must be application/json in UTF-8, got ${got}.`);
  }
  const encoding = ctx.get('Content-Encoding');
  if (encoding !== '' && encoding.toLowerCase() !== 'identity') {
    throw new AppError(
      'unsupported_media_type',
      `The body must come without Content-Encoding, got ${JSON.stringify(encoding)}.`,
    );
  }
}

/** The parser turns bytes that are no UTF-8 into U+FFFD without a word, and the search would then be for something else. */
function watchForUtf8(ctx: Context): () => boolean {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let valid = true;
  const check = (decode: () => void) => {
    try {
      if (valid) decode();
    } catch {
      valid = false;
    }
  };
  ctx.req.on('data', (bytes: Buffer) => check(() => decoder.decode(bytes, { stream: true })));
  ctx.req.once('end', () => check(() => decoder.decode()));
  return () => valid;
}

function asAppError(error: BodyError): Error {
  if (error.type === 'entity.too.large')
    return new AppError('body_too_large', `The body must be at most ${LIMIT_BYTES} bytes.`);
  if (error instanceof SyntaxError) return new AppError('invalid_json', `The body must be JSON: ${error.message}.`);
  // raw-body: the length is not the one that was announced, or the client left in the middle.
  if (error.status === 400) return new AppError('invalid_request', `The body could not be read: ${error.message}.`);
  return error;
}
