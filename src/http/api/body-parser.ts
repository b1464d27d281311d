// Reads a JSON body: only application/json, only UTF-8, at most 64 KiB.
import { isAscii } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import bodyParser from 'koa-bodyparser';
import { AppError } from '../../errors.js';

export const MAX_BODY_BYTES = 64 * 1024;

const parseText = bodyParser({
  enableTypes: ['text'],
  extendTypes: { text: ['application/json'] },
  textLimit: String(MAX_BODY_BYTES),
});

/** The text of the body. Throws `unsupported_media_type`, `body_too_large`, `invalid_json` and `invalid_request`. */
export async function readText(ctx: Context): Promise<string> {
  checkHeaders(ctx.req);
  const bytes = Number(ctx.req.headers['content-length']);
  if (bytes > 0 && bytes <= MAX_BODY_BYTES) return decode(await readBytes(ctx.req, bytes));
  const isUtf8 = watchForUtf8(ctx.req);
  try {
    await parseText(ctx, async () => {});
  } catch (error) {
    throw asAppError(error as BodyError);
  }
  if (!isUtf8()) throw notUtf8();
  return String(ctx.request.rawBody ?? '');
}

/** What the text says; nothing, if it is empty. Throws `invalid_json`. */
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
  // Whoever copies its keys one by one would set a prototype.
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__')) {
    throw new AppError('invalid_json', 'The body must be JSON without the key "__proto__".');
  }
  return value;
}

function checkHeaders({ headers }: IncomingMessage): void {
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
      `The body must come without Content-Encoding, got ${JSON.stringify(encoding)}.`,
    );
  }
}

/** A body whose length is known, as nearly all are: most come in one piece, together with their headers. */
function readBytes(request: IncomingMessage, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let missing = length;
    // Node gives no more than was announced.
    request.on('data', (piece: Buffer) => {
      pieces.push(piece);
      missing -= piece.length;
      if (missing === 0) resolve(pieces.length === 1 ? piece : Buffer.concat(pieces));
    });
    const fail = () => {
      if (missing > 0) reject(new AppError('invalid_request', 'The body could not be read: it ended too early.'));
    };
    request.once('close', fail);
  });
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Buffer): string {
  if (isAscii(bytes)) return bytes.toString('latin1');
  try {
    return decoder.decode(bytes);
  } catch {
    throw notUtf8();
  }
}

/** The parser turns bytes that are no UTF-8 into U+FFFD without a word, and the search would then be for something else. */
function watchForUtf8(request: IncomingMessage): () => boolean {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let valid = true;
  const check = (decode: () => void) => {
    try {
      if (valid) decode();
    } catch {
      valid = false;
    }
  };
  request.on('data', (bytes: Buffer) => check(() => decoder.decode(bytes, { stream: true })));
  request.once('end', () => check(() => decoder.decode()));
  return () => valid;
}

function notUtf8(): AppError {
  return new AppError('invalid_json', 'The body must be UTF-8; it holds bytes that are not.');
}

/** What raw-body and co-body throw. */
interface BodyError extends Error {
  status?: number;
  type?: string;
}

function asAppError(error: BodyError): Error {
  if (error.type === 'entity.too.large')
    return new AppError('body_too_large', `The body must be at most ${MAX_BODY_BYTES} bytes.`);
  // raw-body: the length is not the one that was announced, or the client left in the middle.
  if (error.status === 400) return new AppError('invalid_request', `The body could not be read: ${error.message}.`);
  return error;
}
