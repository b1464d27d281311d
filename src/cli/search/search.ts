// `grepd search`: searches with a running service. The exit status is grep's: 0 if something
// matches, 1 if nothing does, 2 if there was an error.
import { readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { type AnswerStream, ApiError, type Client, createClient, GrepdError } from '../../client/index.js';
import { OperatorError } from '../../errors.js';
import { Output, type OutputStream } from './output.js';
import { namesOfOptions, parseSearch, type SearchArguments } from './parse-search.js';
import { printable, printableJson } from './printable.js';
import { type Entry, renderEntry, renderSeparator } from './render-entry.js';
import { DEFAULT_URL } from './search-options.js';

const [FOUND, NOT_FOUND, FAILED] = [0, 1, 2];
/** Fewer than the client's default: a person waits. */
const RETRIES = 2;
/** Reasons why an answer is incomplete although the search was completed. */
const HARMLESS = ['line_length', 'dictionary_changed', 'unreadable_folder', 'distinct_texts'];

export interface SearchIo {
  stdout: OutputStream;
  stderr: Writable;
  env: Record<string, string | undefined>;
}

/** Returns the exit status. */
export async function search(args: string[], io: SearchIo = process): Promise<number> {
  const parsed = parseSearch(args);
  const output = new Output(io.stdout);
  try {
    return await run(openStream(parsed, io, output.signal), parsed, output, io);
  } catch (error) {
    if (output.hasReaderExited) return FOUND;
    if (!(error instanceof GrepdError)) throw error;
    // Print the results that arrived before the failure first.
    await output.flush();
    throw new OperatorError(describeError(error), { cause: error });
  }
}

async function run(
  stream: AnswerStream<Entry>,
  parsed: SearchArguments,
  output: Output,
  io: SearchIo,
): Promise<number> {
  const render = createRenderer(parsed, io);
  for await (const entry of stream) await output.write(render(entry));
  await output.flush();
  const { nrOfEntries = 0, truncated } = stream.summary ?? {};
  if (truncated !== undefined) io.stderr.write(`The answer is incomplete: ${printable(truncated)}\n`);
  if (truncated !== undefined && !HARMLESS.includes(truncated)) return FAILED as number;
  return (nrOfEntries > 0 ? FOUND : NOT_FOUND) as number;
}

function openStream({ request, isCount, url, keyFile }: SearchArguments, { env }: SearchIo, signal: AbortSignal) {
  const client = openClient({ url: url || env.GREPD_URL || DEFAULT_URL, key: readKey(keyFile, env), retries: RETRIES });
  // The service checks the fields.
  const fields = request as never;
  return (
    isCount ? client.countStream(fields, { signal }) : client.searchStream(fields, { signal })
  ) as AnswerStream<Entry>;
}

function openClient(options: Parameters<typeof createClient>[0]): Client {
  try {
    return createClient(options);
  } catch (error) {
    // The client's errors begin with the name of its option.
    const message = (error as Error).message.replace('"url"', '"--url"').replace('"key"', 'The API key');
    throw new OperatorError(printable(message), { cause: error });
  }
}

/** Keys are never arguments, which other users of the machine can read. */
function readKey(file: string | undefined, env: SearchIo['env']): string | undefined {
  if (file === undefined) return env.GREPD_API_KEY || undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new OperatorError(`"--key-file" must be a readable file: ${(error as Error).message}`, { cause: error });
  }
}

function createRenderer(parsed: SearchArguments, { stdout, env }: SearchIo): (entry: Entry) => string {
  const isTerminal = stdout.isTTY === true;
  if (parsed.json ?? !isTerminal) return (entry) => `${printableJson(entry)}\n`;
  const mayColor = isTerminal && !env.NO_COLOR && env.TERM !== 'dumb';
  const isColored = parsed.color === 'always' || (parsed.color === 'auto' && mayColor);
  const { hasLineNumbers } = parsed;
  const hasContext = Boolean(parsed.request.n_before || parsed.request.n_after);
  let isFirst = true;
  return (entry) => {
    const separator = hasContext && !isFirst ? renderSeparator(isColored) : '';
    isFirst = false;
    return separator + renderEntry(entry, { isColored, hasLineNumbers });
  };
}

function describeError(error: GrepdError): string {
  const message = namesOfOptions(error.message);
  const isUnauthorized = error instanceof ApiError && error.Code === 401;
  return printable(isUnauthorized ? `${message} Set GREPD_API_KEY, or name a file with --key-file.` : message);
}
