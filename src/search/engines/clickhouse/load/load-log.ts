// What the catalog says of loads: which is searched, which can be gone on with, and of which nothing is needed any more.
import type { Entry } from '../storage/catalog.js';
import type { ClusterWriter } from './cluster-writer.js';

/** A row of the catalog without what only a search needs. */
export interface LogRow
  extends Pick<Entry, 'name' | 'state' | 'generation' | 'source' | 'lines' | 'bytes' | 'checksum'> {
  /** How long ago it was written. */
  ageMs: number;
}

/** One that loads says so again and again: who has said nothing for this long has ended. */
export const ALIVE_MS = 120_000;
export const HEARTBEAT_INTERVAL_MS = 30_000;
/** What was interrupted is kept for so long, to be gone on with. */
const RESUMABLE_MS = 24 * 3_600_000;

type Told = [string, Entry['state'], string, string, string, string, string, string];

export class LoadHistory {
  /** Oldest first. */
  readonly #rows: readonly LogRow[];

  constructor(rows: readonly LogRow[]) {
    this.#rows = rows;
  }

  static async read(writer: ClusterWriter): Promise<LoadHistory> {
    const told = await writer.rows<Told>(
      "SELECT name, state, generation, source, lines, bytes, checksum, dateDiff('millisecond', at, now64(3)) " +
        `FROM ${writer.tables.catalog} ORDER BY change`,
    );
    return new LoadHistory(
      told.map(([name, state, generation, source, lines, bytes, checksum, ageMs]) => ({
        name,
        state,
        generation: Number(generation),
        source,
        lines: Number(lines),
        bytes: Number(bytes),
        checksum,
        ageMs: Number(ageMs),
      })),
    );
  }

  /** What was decided last about a dictionary: that it is published, broken or dropped. */
  current(name: string): LogRow | undefined {
    return this.#rows.findLast((row) => row.name === name && isDecision(row));
  }

  /** The load of these files that was begun last and neither ended nor was removed. */
  unfinished(name: string, source: string): LogRow | undefined {
    const own = this.#rows.filter((row) => row.name === name);
    const last = own.findLast((row) => row.state === 'loading' || isDecision(row));
    if (last?.state !== 'loading' || last.source !== source || last.ageMs >= RESUMABLE_MS) return undefined;
    return this.isRemoved(last.generation) ? undefined : last;
  }

  /** Whether a load is searched, is under way, or can be gone on with. */
  isUsed(generation: number, aliveMs: number): boolean {
    const own = this.#rows.findLast((row) => row.generation === generation && row.state !== 'removed');
    if (own === undefined || this.isRemoved(generation)) return false;
    if (this.current(own.name)?.generation === generation) return true;
    if (own.state !== 'loading') return false;
    if (own.ageMs < aliveMs) return true;
    return this.unfinished(own.name, own.source)?.generation === generation;
  }

  /** The dictionary that it is a load of. */
  nameOf(generation: number): string | undefined {
    return this.#rows.find((row) => row.generation === generation)?.name;
  }

  isRemoved(generation: number): boolean {
    return this.#rows.some((row) => row.state === 'removed' && row.generation === generation);
  }
}

function isDecision({ state }: LogRow): boolean {
  return state === 'published' || state === 'broken' || state === 'dropped';
}
