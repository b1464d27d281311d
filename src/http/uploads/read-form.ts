// Reads a form with files (multipart/form-data, RFC 7578) as it arrives.
import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { AppError } from '../../errors.js';

const LIMITS = { files: 100, fields: 10, parts: 110, fieldSize: 4_096, fieldNameSize: 100, headerPairs: 50 };

/** Handles a file. `fields` are those that precede it in the form. */
export type OnFile = (name: string, body: AsyncIterable<Buffer>, fields: ReadonlyMap<string, string>) => Promise<void>;

/**
 * Returns the fields once all files are handled. Throws `unsupported_media_type`, `invalid_request`,
 * and the errors of the body and of `onFile`.
 */
export async function readForm(
  headers: IncomingHttpHeaders,
  body: AsyncIterable<Buffer>,
  onFile: OnFile,
): Promise<ReadonlyMap<string, string>> {
  const parser = createParser(headers);
  const fields = new Map<string, string>();
  const files: Promise<void>[] = [];
  const streams: BusboyFileStream[] = [];
  const failed = new Promise<never>((_, reject) => {
    parser.on('error', (cause) => {
      reject(malformedError(cause));
      // The parser goes on to end its current file as if it were whole.
      for (const stream of streams) stream.destroy(malformedError(cause));
    });
    parser.on('field', (name, value) => fields.set(name, value));
    parser.on('file', (_name, stream, filename) => {
      streams.push(stream);
      // The handler gets the error when it reads on. Without a listener, it would end the process.
      stream.on('error', () => {});
      // A file input that is left empty.
      if (filename === undefined || filename === '') return void stream.resume();
      const file = onFile(decodeName(filename), stream, fields);
      file.catch(reject);
      files.push(file);
    });
  });
  failed.catch(() => {});
  try {
    const finished = once(parser, 'finish');
    finished.catch(() => {});
    for await (const chunk of body) await Promise.race([write(parser, chunk), failed]);
    parser.end();
    await Promise.race([finished, failed]);
    await Promise.all(files);
    return fields;
  } catch (error) {
    // Ends the handlers of files that have not arrived whole.
    for (const stream of streams) stream.destroy(error as Error);
    await Promise.allSettled(files);
    throw error;
  }
}

function createParser(headers: IncomingHttpHeaders): BusboyInstance {
  const type = headers['content-type'] ?? '';
  try {
    if (!/^multipart\/form-data\b/i.test(type)) throw new Error('not multipart/form-data');
    return new Busboy({ headers: { ...headers, 'content-type': type }, limits: LIMITS });
  } catch (cause) {
    const message = `Content-Type must be multipart/form-data with a boundary, got ${JSON.stringify(type)}.`;
    throw new AppError('unsupported_media_type', message, { cause });
  }
}

function write(parser: BusboyInstance, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.write(chunk, (error) => (error ? reject(malformedError(error)) : resolve()));
  });
}

/** Browsers percent-encode only quotes and line ends in names (HTML, section 4.10.22.8). */
function decodeName(name: string): string {
  return name.replaceAll('%22', '"').replaceAll('%0D', '\r').replaceAll('%0A', '\n');
}

function malformedError(cause: unknown): AppError {
  return new AppError('invalid_request', 'The form is malformed or incomplete.', { cause });
}
