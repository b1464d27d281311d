// Reads and parses a JSON body: only application/json, only UTF-8, at most 64 KiB.
import { isAscii } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import bodyParser from 'koa-bodyparser';
import { AppError } from '../../errors.js';
import type { RequestContext } from '../request-state.js';
import { readKnownLength } from './fast-path.js';

export const MAX_BODY_BYTES = 64 * 1024;

const parseText = bodyParser({
  enableTypes: ['text'],
  extendTypes: { text: ['application/json'] },
  textLimit: String(MAX_BODY_BYTES),
});

/**
 * Reads the body as text. Throws `unsupported_media_type`, `body_too_large`, `invalid_json` and
 * `invalid_request`.
 */
export async function readText(ctx: RequestContext): Promise<string> {
  assertJsonHeaders(ctx.req);
  const length = Number(ctx.req.headers['content-length']);
  if (length > 0 && length <= MAX_BODY_BYTES) return decode(await readKnownLength(ctx.req, length));
  const isUtf8 = watchForUtf8(ctx.req);
  try {
    await parseText(ctx as Context, async () => {});
  } catch (error) {
    throw toAppError(error as BodyError);
  }
  if (!isUtf8()) throw invalidUtf8Error();
  return String((ctx as Context).request.rawBody ?? '');
}

/** Returns `undefined` if the text is empty. Throws `invalid_json`. */
export function parseJson(text: string): unknown {
  if (text === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // V8's message quotes the body.
    const reason = 'The body must be JSON.';
    throw new AppError('invalid_json', `The body must be JSON: ${(error as Error).message}.`, { reason });
  }
  // Copying this key by assignment would set a prototype.
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__')) {
    throw new AppError('invalid_json', 'The body must be JSON without the key "__proto__".');
  }
  return value;
}

function assertJsonHeaders({ headers }: IncomingMessage): void {
  const { 'content-type': type = '', 'content-encoding': encoding = '' } = headers;
  if (type !== 'application/json') {
    const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type)?.[1] ?? 'utf-8';
    if (type.split(';')[0]?.trim().toLowerCase() !== 'application/json' || !/^utf-?8$/i.test(charset)) {
      const got = type === '' ? 'none' : JSON.stringify(type);
      throw new AppError('unsupported_media_type', `Content-Type must be application/json in UTF-8, got ${got}.`);
    }
  }
  if (encoding !== '' && encoding.toLowerCase() !== 'identity') {
    throw new AppError(
      'unsupported_media_type',
      `The body must not have a Content-Encoding, got ${JSON.stringify(encoding)}.`,
    );
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Buffer): string {
  if (isAscii(bytes)) return bytes.toString('latin1');
  try {
    return decoder.decode(bytes);
  } catch {
    throw invalidUtf8Error();
  }
}

/** koa-bodyparser silently replaces invalid UTF-8 by U+FFFD, which would change the search term. */
function watchForUtf8(request: IncomingMessage): () => boolean {
  const streamDecoder = new TextDecoder('utf-8', { fatal: true });
  let isValid = true;
  const check = (decodeNext: () => void) => {
    try {
      if (isValid) decodeNext();
    } catch {
      isValid = false;
    }
  };
  request.on('data', (bytes: Buffer) => check(() => streamDecoder.decode(bytes, { stream: true })));
  request.once('end', () => check(() => streamDecoder.decode()));
  return () => isValid;
}

function invalidUtf8Error(): AppError {
  return new AppError('invalid_json', 'The body must be valid UTF-8.');
}

/** An error of raw-body or co-body. */
interface BodyError extends Error {
  status?: number;
  type?: string;
}

function toAppError(error: BodyError): Error {
  if (error.type === 'entity.too.large')
    return new AppError('body_too_large', `The body must be at most ${MAX_BODY_BYTES} bytes.`);
  // raw-body: the client disconnected, or sent another length than it announced.
  if (error.status === 400) return new AppError('invalid_request', 'The body is incomplete.', { cause: error });
  return error;
}
