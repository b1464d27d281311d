// Which dictionaries the cluster has, and which load of each is the one to search. It is a log: what was said last of a name is what holds.

import { TrailingCall } from '../../../../concurrency/trailing-call.js';
import { AppError } from '../../../../errors.js';
import type { Cluster } from '../client/cluster.js';
import { isMissing } from '../client/cluster-failures.js';
import type { Loaded, Manifest } from './manifest.js';
import { quote, tablesOf } from './schema.js';

/**
 * `loading`: has begun. `published`: is what is searched from now on. `broken`: could not be loaded, and there is no other to search; callers are told
 * why. `dropped`: is no dictionary any more. `removed`: of the load with this generation nothing is left.
 */
export type State = 'loading' | 'published' | 'broken' | 'dropped' | 'removed';

/** A row of the log. */
export interface Entry {
  /** Later rows have a higher one. */
  change: number;
  name: string;
  state: State;
  generation: number;
  /** The files that it was loaded from, and their versions. */
  source: string;
  lines: number;
  /** Of the texts, unpacked and without line ends. */
  bytes: number;
  checksum: string;
  /** As JSON; empty where there is none. */
  manifest: string;
  /** When it was written, RFC 3339. */
  at: string;
}

/** What decides about what is searched. */
const DECIDING = `state IN ('published', 'broken', 'dropped')`;

type Head = [rows: number, newest: number];
type Told = [name: string, change: number, state: State, generation: number];

/** The catalog as one that searches knows it: as fresh as the question. */
export class Catalog {
  readonly #cluster: Cluster;
  readonly #table: string;
  #head: Head = [0, 0];
  /** By name. */
  #loaded: ReadonlyMap<string, Loaded> = new Map();
  /** By name, the row that each is from. */
  #changes = new Map<string, number>();
  readonly #refreshed = new TrailingCall((signal) => this.#refresh(signal));

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#table = tablesOf(cluster.database).catalog;
  }

  /** As it was when it was read last. */
  get known(): ReadonlyMap<string, Loaded> {
    return this.#loaded;
  }

  /** Returns all dictionaries by name. Throws `engine_unavailable` or the signal's reason. */
  read(signal?: AbortSignal): Promise<ReadonlyMap<string, Loaded>> {
    return this.#refreshed.run(signal);
  }

  /** Throws `dictionary_changed` where a load is no longer there that was read from since then (performance.now) until now. */
  async checkThere(generation: number, sinceMs: number, signal: AbortSignal): Promise<void> {
    // What is replaced is there for a while yet.
    if (performance.now() - sinceMs < MIN_WAIT_MS) return;
    const known = await this.read(signal);
    for (const loaded of known.values()) if (loaded.generation === generation) return;
    const [[count] = [1]] = await this.#cluster.rows<[number]>(
      `SELECT count() FROM ${this.#table} WHERE generation = ${generation} AND state = 'removed'`,
      signal,
    );
    if (count > 0) throw goneError();
  }

  async #refresh(unwanted: AbortSignal): Promise<ReadonlyMap<string, Loaded>> {
    const limit = new AbortController();
    const { timeoutMs } = this.#cluster;
    const timer = setTimeout(() => limit.abort(tooLate(timeoutMs)), timeoutMs);
    const signal = AbortSignal.any([unwanted, limit.signal]);
    try {
      const [head = [0, 0]] = await this.#cluster.rows<Head>(`SELECT count(), max(change) FROM ${this.#table}`, signal);
      if (head[0] === this.#head[0] && head[1] === this.#head[1]) return this.#loaded;
      await this.#readAll(signal);
      this.#head = head;
    } catch (error) {
      if (!isMissing(error) || (await this.#isAnyThere(signal))) throw error;
      // Nothing was ever loaded.
      this.#loaded = new Map();
      this.#changes.clear();
      this.#head = [0, 0];
    } finally {
      clearTimeout(timer);
    }
    return this.#loaded;
  }

  /** Whether any node has the catalog: then one that has none has lost it, and with it lines. */
  async #isAnyThere(signal: AbortSignal): Promise<boolean> {
    const name = `name = 'catalog' AND database = ${quote(this.#cluster.database)}`;
    const counts = await this.#cluster.rowsOfEach<[number]>(`SELECT count() FROM system.tables WHERE ${name}`, signal);
    return counts.some(([[count] = [0]]) => count > 0);
  }

  async #readAll(signal: AbortSignal): Promise<void> {
    const told = await this.#cluster.rows<Told>(
      `SELECT name, max(change) AS latest, argMax(state, change), argMax(generation, change) FROM ${this.#table} WHERE ${DECIDING} GROUP BY name`,
      signal,
    );
    const there = told.filter(([, , state]) => state !== 'dropped');
    const fresh = there.filter(([name, change]) => this.#changes.get(name) !== change);
    const manifests = new Map<string, Manifest>();
    for (let at = 0; at < fresh.length; at += MAX_NAMES) {
      const some = fresh.slice(at, at + MAX_NAMES).map(([name, change]) => `(${quote(name)}, ${change})`);
      const query = `SELECT name, manifest FROM ${this.#table} WHERE (name, change) IN (${some.join(', ')})`;
      for (const [name, manifest] of await this.#cluster.rows<[string, string]>(query, signal)) {
        manifests.set(name, JSON.parse(manifest) as Manifest);
      }
    }
    const loaded = new Map<string, Loaded>();
    for (const [name, , , generation] of there) {
      const manifest = manifests.get(name) ?? this.#loaded.get(name)?.manifest;
      if (manifest !== undefined) loaded.set(name, { name, generation, manifest });
    }
    this.#loaded = loaded;
    this.#changes = new Map(there.map(([name, change]) => [name, change]));
  }
}

export function goneError(): AppError {
  return new AppError(
    'dictionary_changed',
    'The dictionary was loaded anew while it was searched, and what it was before is gone.',
  );
}

/** The least time from when a load is replaced until its lines are removed. */
export const MIN_WAIT_MS = 1_000;

function tooLate(timeoutMs: number): AppError {
  return new AppError(
    'engine_unavailable',
    `The ClickHouse cluster did not list its dictionaries within ${timeoutMs} ms.`,
  );
}

/** A query is no longer than 256 KiB (max_query_size). */
const MAX_NAMES = 500;
