// `npm run load -- [DICTIONARY…]`: fills the ClickHouse cluster from the folder of dictionaries. `--drop DICTIONARY…` takes some out, `--list` tells what is there.
import { parseArgs } from 'node:util';
import { type Config, parseConfig } from '../config/config.js';
import { AppError, OperatorError } from '../errors.js';
import { ClusterWriter } from '../search/engines/clickhouse/load/cluster-writer.js';
import { drop, type LoaderOptions, type LoadObserver, list, load } from '../search/engines/clickhouse/load/load.js';
import type { LoadOutcome } from '../search/engines/clickhouse/load/load-dictionary.js';
import { runCommand } from './command.js';
import { Progress } from './progress.js';

const USAGE = 'npm run load -- [DICTIONARY…], npm run load -- --drop DICTIONARY…, or npm run load -- --list';
const MIB = 2 ** 20;
/** A query that folds a line holds it about so often. */
const LINES_IN_MEMORY = 16;
/** What the cluster works out for the one who loads may take longer than a search. */
const QUERY_LIMIT_MS = 6 * 3_600_000;
const QUERY_MEMORY_BYTES = 4096 * MIB;

await runCommand(async () => {
  const { names, isDrop, isList } = readArguments(process.argv.slice(2));
  // What searches need not be the cluster yet.
  const config = parseConfig({ ...process.env, SEARCH_ENGINE: 'clickhouse' });
  const writer = await open(config);
  const progress = new Progress({ out: process.stderr });
  try {
    if (isList) return await table(writer);
    const options = optionsOf(config, writer);
    if (isDrop) {
      await drop(names, options, observerOf(progress));
      return `${names.join(', ')}: not in the cluster any more.`;
    }
    const areAllThere = await load(names, options, observerOf(progress));
    if (!areAllThere) throw new OperatorError('Not all of it can be searched: see above.');
    return 'All of it can be searched.';
  } catch (error) {
    throw error instanceof AppError ? new OperatorError(error.message, { cause: error }) : error;
  } finally {
    progress.end();
    await writer.close();
  }
});

function readArguments(args: string[]) {
  try {
    const { values, positionals: names } = parseArgs({
      args,
      allowPositionals: true,
      options: { drop: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
    });
    const isWrong = (values.drop && (values.list || names.length === 0)) || (values.list && names.length > 0);
    if (isWrong) throw new Error('these do not go together');
    return { names, isDrop: values.drop, isList: values.list };
  } catch (error) {
    throw new OperatorError(`${USAGE} (${(error as Error).message})`, { cause: error });
  }
}

async function open({ CLICKHOUSE_URL: urls = [], CLICKHOUSE_CLUSTER: cluster }: Config): Promise<ClusterWriter> {
  try {
    const bounds = { timeoutMs: QUERY_LIMIT_MS, memoryBytes: QUERY_MEMORY_BYTES };
    return await ClusterWriter.open({ urls, cluster, ...bounds });
  } catch (error) {
    throw error instanceof AppError ? new OperatorError(error.message, { cause: error }) : error;
  }
}

function optionsOf(config: Config, writer: ClusterWriter): LoaderOptions {
  return {
    writer,
    dictionariesDir: config.DICTIONARIES_DIR,
    searchTimeoutMs: config.SEARCH_TIMEOUT_MS,
    maxUnpackedBytes: config.UNPACKED_MB * MIB,
    maxLineBytes: (config.SEARCH_MEMORY_MB * MIB) / LINES_IN_MEMORY,
    signal: new AbortController().signal,
  };
}

function observerOf(progress: Progress): LoadObserver {
  return {
    finds: (bytes) => progress.expect(bytes),
    reads: (bytes) => progress.add(bytes),
    ends: ({ name, bytes }, outcome) => {
      if (outcome.outcome === 'unchanged') progress.expect(-bytes);
      progress.say(`${name}: ${inWords(outcome)}`);
    },
    waits: (ms) =>
      progress.say(
        `What was searched until now is removed in ${Math.ceil(ms / 1000)} s, when no search can be under way in it.`,
      ),
  };
}

function inWords(outcome: LoadOutcome): string {
  switch (outcome.outcome) {
    case 'loaded':
    case 'unchanged': {
      const { lines, bytes, checksum } = outcome.sums;
      const sums = `${lines} lines, ${(bytes / 1e6).toFixed(1)} MB, checksum ${checksum}`;
      return outcome.outcome === 'loaded' ? sums : `is there as it is (${sums})`;
    }
    case 'broken':
      return `can not be searched: ${outcome.problem.message}`;
    case 'kept':
      return `is searched as it was before: ${outcome.problem.message}`;
  }
}

async function table(writer: ClusterWriter): Promise<string> {
  const all = await list(writer);
  if (all.length === 0) return 'The cluster has no dictionary.';
  const rows = all.map(({ name, state, lines, bytes, checksum, at }) => [
    name,
    state === 'published' ? String(lines) : 'broken',
    (bytes / 1e6).toFixed(1),
    checksum,
    at,
  ]);
  const head = ['dictionary', 'lines', 'MB', 'checksum', 'loaded'];
  const widths = head.map((title, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? title).length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
