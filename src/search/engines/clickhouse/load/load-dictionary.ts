// Loads one dictionary into the cluster, checks what is there then, and publishes it.
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, OperatorError } from '../../../../errors.js';
import { TextFile } from '../../../corpus/text-file.js';
import { LineChecksum } from '../storage/line-checksum.js';
import type { LoadedFile, Manifest, Problem } from '../storage/manifest.js';
import { RowWriter } from '../storage/row-writer.js';
import { SHARD_LINES } from '../storage/schema.js';
import { type ClusterWriter, NOTHING, newNumber, type Sums } from './cluster-writer.js';
import { HEARTBEAT_INTERVAL_MS, LoadHistory } from './load-log.js';
import { numberLines } from './numbered-lines.js';
import type { Source, SourceFile } from './source.js';

export interface LoadOptions {
  writer: ClusterWriter;
  /** The folder of dictionaries. */
  root: string;
  /** The most that a packed file may unpack to. */
  maxUnpackedBytes: number;
  /** The longest line, in bytes. */
  maxLineBytes: number;
  signal: AbortSignal;
  /** Is told how many bytes of its files were read. */
  onRead: (bytes: number) => void;
}

/** `unchanged`: the cluster has it as it is. `broken`: it has become the reason why it can't be searched; `kept`: the version before it is still searched. */
export type LoadOutcome =
  | { outcome: 'loaded' | 'unchanged'; sums: Sums }
  | { outcome: 'broken' | 'kept'; problem: Problem };

/** An insert: so much text, of lines that belong on one shard. */
const INSERT_BYTES = 16 * 1024 * 1024;
/** Inserts under way: while one is sent the next is read. */
const INSERTS_AT_ONCE = 2;
/** How long replicas may take to have all that one of them has. */
const REPLICATION_LIMIT_MS = 10 * 60_000;

/** Throws an OperatorError where files change meanwhile, or the cluster has something else than what it was sent. */
export async function loadDictionary(source: Source, options: LoadOptions): Promise<LoadOutcome> {
  const { writer } = options;
  const log = await LoadHistory.read(writer);
  const current = log.current(source.name);
  if (current?.state === 'published' && current.source === source.version) {
    // A node may have lost what it had.
    const isThere = await writer.haveLines(current.generation, current.lines);
    if (isThere) return { outcome: 'unchanged', sums: current };
  }
  const { generation, done } = await beginOrGoOn(source, log, writer);
  const saying = setInterval(() => void begin(source, generation, writer).catch(() => {}), HEARTBEAT_INTERVAL_MS);
  try {
    const { files, checksum } = await send(source, generation, done, options);
    const manifest: Manifest = { files, folders: source.folders, modifiedMs: source.modifiedMs };
    const problem = files.find((file) => file.problem !== undefined)?.problem;
    const sums = { lines: checksum.lines, bytes: checksum.bytes, checksum: checksum.sum };
    // What can be searched is not replaced by what can't.
    if (problem !== undefined && current?.state === 'published') {
      await remove(source.name, generation, writer);
      return { outcome: 'kept', problem };
    }
    await check(source.name, generation, sums, writer);
    // Who took it for given up may have removed it.
    if ((await LoadHistory.read(writer)).isRemoved(generation))
      throw new OperatorError(`${JSON.stringify(source.name)} was removed while it was loaded.`);
    const state = problem === undefined ? 'published' : 'broken';
    const about = { name: source.name, source: source.version, manifest: JSON.stringify(manifest) };
    await writer.log({ ...about, state, generation, ...sums });
    return problem === undefined ? { outcome: 'loaded', sums } : { outcome: 'broken', problem };
  } catch (error) {
    // These files are not there any more: nobody can go on with them.
    if (error instanceof FileChanged) await remove(source.name, generation, writer);
    throw error;
  } finally {
    clearInterval(saying);
  }
}

/** Goes on with a load that was interrupted, where what there is of it can be used: the blocks of lines that are done need not be sent again. */
async function beginOrGoOn(source: Source, log: LoadHistory, writer: ClusterWriter) {
  const begun = log.unfinished(source.name, source.version)?.generation;
  if (begun !== undefined) {
    const blocks = await writer.rows<[string, string]>(
      `SELECT intDiv(line - 1, ${SHARD_LINES}) AS block, count() FROM ${writer.tables.lines} WHERE generation = ${begun} GROUP BY block`,
    );
    const isSound = blocks.every(([, lines]) => Number(lines) <= SHARD_LINES) && (await writer.areReplicasEqual(begun));
    const done = blocks.filter(([, lines]) => Number(lines) === SHARD_LINES).map(([block]) => Number(block));
    if (isSound) {
      await begin(source, begun, writer);
      return { generation: begun, done: new Set(done) };
    }
  }
  const generation = newNumber();
  await begin(source, generation, writer);
  return { generation, done: new Set<number>() };
}

/** Says that a load is under way. */
async function begin(source: Source, generation: number, writer: ClusterWriter): Promise<void> {
  await writer.log({ ...NOTHING, name: source.name, state: 'loading', generation, source: source.version });
}

/** Removes a load. Who still searches it is told before it is gone. */
export async function remove(name: string, generation: number, writer: ClusterWriter): Promise<void> {
  await writer.log({ ...NOTHING, name, state: 'removed', generation });
  await writer.removeLines(generation);
}

async function send(source: Source, generation: number, done: ReadonlySet<number>, options: LoadOptions) {
  const checksum = new LineChecksum();
  const files: LoadedFile[] = [];
  const inserts = new Inserts(options.writer, generation);
  let quotes = 0;
  for (const each of source.files) {
    const quotesBefore = quotes;
    const linesBefore = checksum.lines;
    let problem = each.problem;
    try {
      for await (const lines of problem === undefined ? linesOf(each, options) : []) {
        for (const { text, quote, isInQuote } of lines) {
          const line = checksum.lines + 1;
          checksum.add(line, text);
          const number = quotesBefore + quote;
          quotes = number;
          if (!done.has(Math.floor((line - 1) / SHARD_LINES))) {
            inserts.add(line, 2 * number + (isInQuote ? 0 : 1), text);
          }
          if (inserts.isFull || line % SHARD_LINES === 0) await inserts.send();
        }
      }
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'damaged_dictionary')) {
        await inserts.settle();
        throw error;
      }
      problem = { code: error.code, message: error.message };
    }
    const { path, file } = each;
    const counted = { lines: checksum.lines - linesBefore, quotes: quotes - quotesBefore };
    const from = { linesBefore, quotesBefore, ...counted };
    files.push({
      path,
      bytes: file?.bytes ?? 0,
      modifiedMs: file?.modifiedMs ?? 0,
      ...from,
      ...(problem && { problem }),
    });
  }
  await inserts.end();
  return { files, checksum };
}

async function* linesOf({ path, file }: SourceFile, options: LoadOptions) {
  const { root, maxUnpackedBytes, maxLineBytes, signal, onRead } = options;
  const text = file && (await TextFile.open({ root, file, maxUnpackedBytes }));
  if (text === undefined) throw new FileChanged(path);
  try {
    const isFortune = await text.has('fortune', signal);
    yield* numberLines(text.read(signal, onRead), { path, isFortune, maxBytes: maxLineBytes });
    if (text.wasChanged()) throw new FileChanged(path);
  } finally {
    text.close();
  }
}

/** Sends lines while the next are read. */
class Inserts {
  readonly #writer: ClusterWriter;
  readonly #generation: number;
  readonly #rows: RowWriter;
  readonly #underWay = new Set<Promise<void>>();
  #first = 0;

  constructor(writer: ClusterWriter, generation: number) {
    this.#writer = writer;
    this.#generation = generation;
    this.#rows = new RowWriter(generation);
  }

  get isFull(): boolean {
    return this.#rows.bytes >= INSERT_BYTES;
  }

  add(line: number, quote: number, text: Buffer): void {
    if (this.#rows.rows === 0) this.#first = line;
    this.#rows.add(line, quote, text);
  }

  async send(): Promise<void> {
    if (this.#rows.rows === 0) return;
    const insert = this.#writer.insertLines(this.#rows.take(), `${this.#generation}:${this.#first}`);
    const end = () => this.#underWay.delete(insert);
    this.#underWay.add(insert);
    insert.then(end, () => {});
    if (this.#underWay.size >= INSERTS_AT_ONCE) await Promise.race(this.#underWay);
  }

  /** Waits until none is under way, whatever becomes of them. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  async end(): Promise<void> {
    try {
      await this.send();
    } finally {
      await this.settle();
    }
    // Of those that have failed one is told.
    await Promise.all(this.#underWay);
  }
}

async function check(name: string, generation: number, sent: Sums, writer: ClusterWriter): Promise<void> {
  const found = await writer.sums(generation);
  if (found.lines !== sent.lines || found.bytes !== sent.bytes || found.checksum !== sent.checksum) {
    // Nothing of it can be used.
    await remove(name, generation, writer);
    throw new OperatorError(
      `The cluster has something else of ${JSON.stringify(name)} than what it was sent, which is not searched: ${textOf(found)} instead of ${textOf(sent)}.`,
    );
  }
  const limit = Date.now() + REPLICATION_LIMIT_MS;
  while (!(await writer.areReplicasEqual(generation))) {
    if (Date.now() > limit)
      throw new OperatorError(`Not all replicas have all of ${JSON.stringify(name)}: it is not searched.`);
    await sleep(500);
  }
}

function textOf({ lines, bytes, checksum }: Sums): string {
  return `${lines} lines of ${bytes} bytes (checksum ${checksum})`;
}

class FileChanged extends OperatorError {
  constructor(path: string) {
    super(`The file ${JSON.stringify(path)} was changed while it was loaded: npm run load loads it anew.`);
  }
}
