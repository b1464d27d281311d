// Loads dictionaries from their folder into the ClickHouse cluster. `--drop DICTIONARY…` removes some
// from the cluster, `--list` lists those in it.
import { parseArgs } from 'node:util';
import { type Config, parseConfig } from '../config/config.js';
import { AppError, OperatorError } from '../errors.js';
import { ClusterWriter } from '../search/engines/clickhouse/load/cluster-writer.js';
import { drop, type LoaderOptions, type LoadObserver, list, load } from '../search/engines/clickhouse/load/load.js';
import type { LoadOutcome } from '../search/engines/clickhouse/load/load-dictionary.js';
import { renderTable } from './listing.js';
import { Progress } from './progress.js';

const USAGE = 'Usage: npm run load -- [DICTIONARY…], npm run load -- --drop DICTIONARY…, or npm run load -- --list';
const MIB = 2 ** 20;
/** About how many copies of a line a case-insensitive query holds in memory. */
const LINE_COPIES = 16;
/** Verifying a load may take the cluster longer than a search. */
const QUERY_TIMEOUT_MS = 6 * 3_600_000;
const QUERY_MEMORY_BYTES = 4096 * MIB;

export async function loadDictionaries(args: string[]): Promise<string> {
  const { names, isDrop, isList } = readArguments(args);
  if (!process.env.CLICKHOUSE_URL)
    throw new OperatorError('Set CLICKHOUSE_URL to the nodes of the ClickHouse cluster.');
  // The service may still use another engine.
  const config = parseConfig({ ...process.env, SEARCH_ENGINE: 'clickhouse' });
  const writer = await openWriter(config);
  const progress = new Progress({ out: process.stderr });
  try {
    if (isList) return await renderList(writer);
    const options = createLoaderOptions(config, writer);
    if (isDrop) {
      await drop(names, options, createObserver(progress));
      return `Dropped from the cluster: ${names.join(', ')}.`;
    }
    const areAllLoaded = await load(names, options, createObserver(progress));
    if (!areAllLoaded) throw new OperatorError('Some dictionaries could not be loaded: see above.');
    return 'All dictionaries can be searched.';
  } catch (error) {
    throw toOperatorError(error);
  } finally {
    progress.clear();
    await writer.close();
  }
}

function readArguments(args: string[]) {
  try {
    const { values, positionals: names } = parseArgs({
      args,
      allowPositionals: true,
      options: { drop: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
    });
    if (values.drop && names.length === 0) throw new Error('--drop needs at least one dictionary');
    if (values.list && (values.drop || names.length > 0)) throw new Error('--list takes no other arguments');
    return { names, isDrop: values.drop, isList: values.list };
  } catch (error) {
    throw new OperatorError(`${(error as Error).message}\n${USAGE}`, { cause: error });
  }
}

async function openWriter({ CLICKHOUSE_URL: urls = [], CLICKHOUSE_CLUSTER: cluster }: Config): Promise<ClusterWriter> {
  try {
    const limits = { timeoutMs: QUERY_TIMEOUT_MS, memoryBytes: QUERY_MEMORY_BYTES };
    return await ClusterWriter.open({ urls, cluster, ...limits });
  } catch (error) {
    throw toOperatorError(error);
  }
}

function toOperatorError(error: unknown): unknown {
  return error instanceof AppError ? new OperatorError(error.message, { cause: error }) : error;
}

function createLoaderOptions(config: Config, writer: ClusterWriter): LoaderOptions {
  return {
    writer,
    dictionariesDir: config.DICTIONARIES_DIR,
    searchTimeoutMs: config.SEARCH_TIMEOUT_MS,
    maxDecompressedBytes: config.UNPACKED_MB * MIB,
    maxLineBytes: (config.SEARCH_MEMORY_MB * MIB) / LINE_COPIES,
    signal: new AbortController().signal,
  };
}

function createObserver(progress: Progress): LoadObserver {
  return {
    onStart: (bytes) => progress.addToTotal(bytes),
    onRead: (bytes) => progress.add(bytes),
    onOutcome: ({ name, bytes }, outcome) => {
      if (outcome.outcome === 'unchanged') progress.addToTotal(-bytes);
      progress.print(`${name}: ${renderOutcome(outcome)}`);
    },
    onGracePeriod: (ms) =>
      progress.print(`Old versions are removed in ${Math.ceil(ms / 1000)} s, after the last search that may use them.`),
  };
}

function renderOutcome(outcome: LoadOutcome): string {
  switch (outcome.outcome) {
    case 'loaded':
    case 'unchanged': {
      const { lines, bytes, checksum } = outcome.totals;
      const totals = `${lines} lines, ${(bytes / 1e6).toFixed(1)} MB, checksum ${checksum}`;
      return outcome.outcome === 'loaded' ? totals : `unchanged, ${totals}`;
    }
    case 'broken':
      return `can't be searched: ${outcome.problem.message}`;
    case 'kept':
      return `the previous version stays searchable: ${outcome.problem.message}`;
  }
}

async function renderList(writer: ClusterWriter): Promise<string> {
  const dictionaries = await list(writer);
  if (dictionaries.length === 0) return 'The cluster has no dictionaries.';
  const rows = dictionaries.map(({ name, state, lines, bytes, checksum, at }) => [
    name,
    state === 'published' ? String(lines) : 'broken',
    (bytes / 1e6).toFixed(1),
    checksum,
    at,
  ]);
  return renderTable([['dictionary', 'lines', 'MB', 'checksum', 'loaded'], ...rows]);
}
