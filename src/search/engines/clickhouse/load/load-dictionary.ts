// Loads one dictionary into the cluster: the steps are described in cluster-writer.ts.
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, OperatorError } from '../../../../errors.js';
import { TextFile } from '../../../corpus/text-file.js';
import { LineChecksum, type LineTotals } from '../storage/line-checksum.js';
import type { LoadedFile, Manifest, Problem } from '../storage/manifest.js';
import { SHARD_LINES } from '../storage/schema.js';
import { type ClusterWriter, createUniqueNumber, NO_LINES } from './cluster-writer.js';
import { LineInserter } from './line-inserter.js';
import { HEARTBEAT_INTERVAL_MS, LoadHistory } from './load-history.js';
import { numberLines } from './numbered-lines.js';
import type { Source, SourceFile } from './source.js';

export interface LoadOptions {
  writer: ClusterWriter;
  /** The path of the folder of dictionaries. */
  root: string;
  /** The maximum size of a compressed file after decompression. */
  maxDecompressedBytes: number;
  maxLineBytes: number;
  signal: AbortSignal;
  /** Called with the number of bytes each time some have been read. */
  onRead: (bytes: number) => void;
}

/**
 * `unchanged`: the cluster already has this version. `broken`: a file is invalid, and searches fail
 * with that problem. `kept`: a file is invalid, and the previous version stays searchable.
 */
export type LoadOutcome =
  | { outcome: 'loaded' | 'unchanged'; totals: LineTotals }
  | { outcome: 'broken' | 'kept'; problem: Problem };

const REPLICATION_TIMEOUT_MS = 10 * 60_000;
const REPLICATION_POLL_INTERVAL_MS = 500;

/** Throws an OperatorError if files change during the load, or the cluster lacks what was sent. */
export async function loadDictionary(source: Source, options: LoadOptions): Promise<LoadOutcome> {
  const { writer } = options;
  const history = await LoadHistory.read(writer);
  const current = history.current(source.name);
  if (current?.state === 'published' && current.source === source.version) {
    // A node may have lost its data.
    const isComplete = await writer.hasAllLines(current.generation, current.lines);
    if (isComplete) return { outcome: 'unchanged', totals: current };
  }
  const { generation, completeBlocks } = await startOrResume(source, history, writer);
  const heartbeat = setInterval(
    () => void recordLoading(source, generation, writer).catch(() => {}),
    HEARTBEAT_INTERVAL_MS,
  );
  try {
    const { files, totals } = await sendLines(source, generation, completeBlocks, options);
    const manifest: Manifest = { files, folders: source.folders, modifiedMs: source.modifiedMs };
    const problem = files.find((file) => file.problem !== undefined)?.problem;
    if (problem !== undefined && current?.state === 'published') {
      await remove(source.name, generation, writer);
      return { outcome: 'kept', problem };
    }
    await assertStored(source.name, generation, totals, writer);
    // Another loader removes this load if it has seen no heartbeat for too long.
    if ((await LoadHistory.read(writer)).isRemoved(generation)) {
      const name = JSON.stringify(source.name);
      throw new OperatorError(`Another loader removed ${name} while it was being loaded. Run npm run load again.`);
    }
    const state = problem === undefined ? 'published' : 'broken';
    const description = { name: source.name, source: source.version, manifest: JSON.stringify(manifest) };
    await writer.appendToCatalog({ ...description, state, generation, ...totals });
    return problem === undefined ? { outcome: 'loaded', totals } : { outcome: 'broken', problem };
  } catch (error) {
    // This version of the files is gone, so the load can't be resumed.
    if (error instanceof FileChangedError) await remove(source.name, generation, writer);
    throw error;
  } finally {
    clearInterval(heartbeat);
  }
}

/** Resumes an interrupted load if possible. Its complete blocks of lines need not be sent again. */
async function startOrResume(source: Source, history: LoadHistory, writer: ClusterWriter) {
  const resumable = history.findResumable(source.name, source.version)?.generation;
  if (resumable !== undefined) {
    const blocks = await writer.rows<[string, string]>(
      `SELECT intDiv(line - 1, ${SHARD_LINES}) AS block, count() FROM ${writer.tables.lines} WHERE generation = ${resumable} GROUP BY block`,
    );
    const isSound =
      blocks.every(([, lines]) => Number(lines) <= SHARD_LINES) && (await writer.areReplicasEqual(resumable));
    const complete = blocks.filter(([, lines]) => Number(lines) === SHARD_LINES).map(([block]) => Number(block));
    if (isSound) {
      await recordLoading(source, resumable, writer);
      return { generation: resumable, completeBlocks: new Set(complete) };
    }
  }
  const generation = createUniqueNumber();
  await recordLoading(source, generation, writer);
  return { generation, completeBlocks: new Set<number>() };
}

/** Records that a load is in progress: at its start, and as a heartbeat. */
async function recordLoading(source: Source, generation: number, writer: ClusterWriter): Promise<void> {
  const row = { ...NO_LINES, name: source.name, state: 'loading', generation, source: source.version } as const;
  await writer.appendToCatalog(row);
}

/** Removes a load. Records that first, so that a search in it fails rather than misses lines. */
export async function remove(name: string, generation: number, writer: ClusterWriter): Promise<void> {
  await writer.appendToCatalog({ ...NO_LINES, name, state: 'removed', generation });
  await writer.removeLines(generation);
}

async function sendLines(
  source: Source,
  generation: number,
  completeBlocks: ReadonlySet<number>,
  options: LoadOptions,
) {
  const checksum = new LineChecksum();
  const files: LoadedFile[] = [];
  const inserter = new LineInserter(options.writer, generation);
  let quotes = 0;
  for (const sourceFile of source.files) {
    const quotesBefore = quotes;
    const linesBefore = checksum.lines;
    let problem = sourceFile.problem;
    try {
      for await (const batch of problem === undefined ? readLines(sourceFile, options) : []) {
        for (const { text, quote: quoteInFile, isInQuote } of batch) {
          const line = checksum.lines + 1;
          checksum.add(line, text);
          quotes = quotesBefore + quoteInFile;
          const block = Math.floor((line - 1) / SHARD_LINES);
          if (!completeBlocks.has(block)) inserter.add(line, { text, quote: quotes, isInQuote });
          // An insert must not span blocks, which may belong on different shards.
          if (inserter.isFull || line % SHARD_LINES === 0) await inserter.flush();
        }
      }
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'damaged_dictionary')) {
        await inserter.settle();
        throw error;
      }
      problem = { code: error.code, message: error.message };
    }
    const { path, file } = sourceFile;
    files.push({
      path,
      bytes: file?.bytes ?? 0,
      modifiedMs: file?.modifiedMs ?? 0,
      linesBefore,
      quotesBefore,
      lines: checksum.lines - linesBefore,
      quotes: quotes - quotesBefore,
      ...(problem && { problem }),
    });
  }
  await inserter.end();
  return { files, totals: checksum.totals };
}

async function* readLines({ path, file }: SourceFile, options: LoadOptions) {
  const { root, maxDecompressedBytes, maxLineBytes, signal, onRead } = options;
  const text = file && TextFile.open({ root, file, maxDecompressedBytes });
  if (text === undefined) throw new FileChangedError(path);
  try {
    const isFortune = await text.has('fortune', signal);
    yield* numberLines(text.read(signal, onRead), { path, isFortune, maxBytes: maxLineBytes });
    if (text.hasChanged()) throw new FileChangedError(path);
  } finally {
    text.close();
  }
}

/** Throws an OperatorError unless the cluster has exactly the lines that were sent. */
async function assertStored(name: string, generation: number, sent: LineTotals, writer: ClusterWriter): Promise<void> {
  const stored = await writer.totals(generation);
  if (stored.lines !== sent.lines || stored.bytes !== sent.bytes || stored.checksum !== sent.checksum) {
    await remove(name, generation, writer);
    throw new OperatorError(
      `${JSON.stringify(name)} was not published: the cluster has ${renderTotals(stored)} instead of ${renderTotals(sent)}. Run npm run load again.`,
    );
  }
  const deadlineMs = Date.now() + REPLICATION_TIMEOUT_MS;
  while (!(await writer.areReplicasEqual(generation))) {
    if (Date.now() > deadlineMs) {
      const limit = `${REPLICATION_TIMEOUT_MS / 60_000} minutes`;
      throw new OperatorError(
        `${JSON.stringify(name)} was not published: some replicas still lack lines after ${limit}. Run npm run load again.`,
      );
    }
    await sleep(REPLICATION_POLL_INTERVAL_MS);
  }
}

function renderTotals({ lines, bytes, checksum }: LineTotals): string {
  return `${lines} lines of ${bytes} bytes (checksum ${checksum})`;
}

class FileChangedError extends OperatorError {
  constructor(path: string) {
    super(`The file ${JSON.stringify(path)} changed while it was being loaded. Run npm run load again.`);
  }
}
