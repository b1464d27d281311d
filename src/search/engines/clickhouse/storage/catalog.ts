// The catalog table: a log of loads. The newest decisive row of a dictionary says which of its
// loads is searched.
import { TrailingCall } from '../../../../concurrency/trailing-call.js';
import { AppError } from '../../../../errors.js';
import type { Cluster } from '../client/cluster.js';
import { isMissingTable } from '../client/cluster-failures.js';
import type { LoadedDictionary, Manifest } from './manifest.js';
import { quoteLiteral, tableNames } from './schema.js';

/**
 * `loading`: the load is in progress. `published`: it is searched from now on. `broken`: it failed,
 * and there is no older one to search, so callers get the reason. `dropped`: the dictionary no
 * longer exists. `removed`: the lines of this generation are deleted.
 */
export type CatalogState = 'loading' | 'published' | 'broken' | 'dropped' | 'removed';

/** The states that say what to search. */
const DECISIVE_STATES: readonly CatalogState[] = ['published', 'broken', 'dropped'];

export function isDecisive({ state }: Pick<CatalogRow, 'state'>): boolean {
  return DECISIVE_STATES.includes(state);
}

/** An SQL condition for decisive rows. */
export const IS_DECISIVE = `state IN (${DECISIVE_STATES.map(quoteLiteral).join(', ')})`;

export interface CatalogRow {
  /** Increases from row to row. */
  change: number;
  name: string;
  state: CatalogState;
  /** The number of the load. */
  generation: number;
  /** The fingerprint of the source files. */
  source: string;
  lines: number;
  /** The size of the decompressed texts without line ends. */
  bytes: number;
  checksum: string;
  /** JSON, or empty. */
  manifest: string;
  /** The time of the insert, RFC 3339. */
  at: string;
}

/** Identifies the content of the catalog. */
type Head = [rows: number, lastChange: number];
type DecisionRow = [name: string, change: number, state: CatalogState, generation: number];

/** A cached copy of the catalog that each `read` brings up to date. */
export class Catalog {
  readonly #cluster: Cluster;
  readonly #table: string;
  #head: Head = [0, 0];
  #loaded: ReadonlyMap<string, LoadedDictionary> = new Map();
  /** The change number of the row that each entry of `#loaded` comes from. */
  #changes = new Map<string, number>();
  readonly #refreshed = new TrailingCall((signal) => this.#refresh(signal));

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#table = tableNames(cluster.database).catalog;
  }

  /** The result of the last `read`. */
  get cached(): ReadonlyMap<string, LoadedDictionary> {
    return this.#loaded;
  }

  /** Returns all dictionaries by name. Throws `engine_unavailable` or the signal's reason. */
  read(signal?: AbortSignal): Promise<ReadonlyMap<string, LoadedDictionary>> {
    return this.#refreshed.run(signal);
  }

  /**
   * Throws `dictionary_changed` if the lines of a load may have been deleted while they were read.
   *
   * @param sinceMs when reading started (performance.now)
   */
  async assertNotRemoved(generation: number, sinceMs: number, signal: AbortSignal): Promise<void> {
    if (performance.now() - sinceMs < MIN_GRACE_PERIOD_MS) return;
    const current = await this.read(signal);
    for (const loaded of current.values()) if (loaded.generation === generation) return;
    const [[count] = [1]] = await this.#cluster.rows<[number]>(
      `SELECT count() FROM ${this.#table} WHERE generation = ${generation} AND state = 'removed'`,
      signal,
    );
    if (count > 0) throw goneError();
  }

  async #refresh(callerSignal: AbortSignal): Promise<ReadonlyMap<string, LoadedDictionary>> {
    const timeout = new AbortController();
    const { timeoutMs } = this.#cluster;
    const timer = setTimeout(() => timeout.abort(timeoutError(timeoutMs)), timeoutMs);
    const signal = AbortSignal.any([callerSignal, timeout.signal]);
    try {
      const [head = [0, 0]] = await this.#cluster.rows<Head>(`SELECT count(), max(change) FROM ${this.#table}`, signal);
      if (head[0] === this.#head[0] && head[1] === this.#head[1]) return this.#loaded;
      await this.#readAll(signal);
      this.#head = head;
    } catch (error) {
      if (!isMissingTable(error) || (await this.#hasAnyCatalog(signal))) throw error;
      // No dictionary has ever been loaded.
      this.#loaded = new Map();
      this.#changes.clear();
      this.#head = [0, 0];
    } finally {
      clearTimeout(timer);
    }
    return this.#loaded;
  }

  /** Whether any node has the table. A node without it has then lost its data, including lines. */
  async #hasAnyCatalog(signal: AbortSignal): Promise<boolean> {
    const condition = `name = 'catalog' AND database = ${quoteLiteral(this.#cluster.database)}`;
    const query = `SELECT count() FROM system.tables WHERE ${condition}`;
    const counts = await this.#cluster.rowsPerNode<[number]>(query, signal);
    return counts.some(([[count] = [0]]) => count > 0);
  }

  async #readAll(signal: AbortSignal): Promise<void> {
    const decisions = await this.#cluster.rows<DecisionRow>(
      `SELECT name, max(change) AS latest, argMax(state, change), argMax(generation, change) FROM ${this.#table} WHERE ${IS_DECISIVE} GROUP BY name`,
      signal,
    );
    const current = decisions.filter(([, , state]) => state !== 'dropped');
    const changed = current.filter(([name, change]) => this.#changes.get(name) !== change);
    const manifests = await this.#readManifests(changed, signal);
    const loaded = new Map<string, LoadedDictionary>();
    for (const [name, , , generation] of current) {
      const manifest = manifests.get(name) ?? this.#loaded.get(name)?.manifest;
      if (manifest !== undefined) loaded.set(name, { name, generation, manifest });
    }
    this.#loaded = loaded;
    this.#changes = new Map(current.map(([name, change]) => [name, change]));
  }

  async #readManifests(rows: readonly DecisionRow[], signal: AbortSignal): Promise<Map<string, Manifest>> {
    const manifests = new Map<string, Manifest>();
    for (let start = 0; start < rows.length; start += MAX_NAMES_PER_QUERY) {
      const batch = rows.slice(start, start + MAX_NAMES_PER_QUERY);
      const keys = batch.map(([name, change]) => `(${quoteLiteral(name)}, ${change})`).join(', ');
      const query = `SELECT name, manifest FROM ${this.#table} WHERE (name, change) IN (${keys})`;
      for (const [name, manifest] of await this.#cluster.rows<[string, string]>(query, signal)) {
        manifests.set(name, JSON.parse(manifest) as Manifest);
      }
    }
    return manifests;
  }
}

export function goneError(): AppError {
  return new AppError(
    'dictionary_changed',
    'The dictionary was reloaded during the search, and the version that was searched is gone. Try again.',
  );
}

/** The minimum time between replacing a load and deleting its lines. */
export const MIN_GRACE_PERIOD_MS = 1_000;

function timeoutError(timeoutMs: number): AppError {
  return new AppError(
    'engine_unavailable',
    `The ClickHouse cluster did not list its dictionaries within ${timeoutMs} ms.`,
  );
}

/** Keeps a query below 256 KiB (max_query_size). */
const MAX_NAMES_PER_QUERY = 500;
