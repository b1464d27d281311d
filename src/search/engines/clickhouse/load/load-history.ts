// What the catalog records about loads: which one is searched, which can be resumed, and which have
// become garbage.
import { type CatalogRow, isDecisive } from '../storage/catalog.js';
import type { ClusterWriter } from './cluster-writer.js';

export interface HistoryRow
  extends Pick<CatalogRow, 'name' | 'state' | 'generation' | 'source' | 'lines' | 'bytes' | 'checksum'> {
  /** The time since the row was inserted. */
  ageMs: number;
}

/** A loader without a heartbeat for this long is considered dead. */
export const HEARTBEAT_TIMEOUT_MS = 120_000;
export const HEARTBEAT_INTERVAL_MS = 30_000;
/** How long an interrupted load is kept, so that it can be resumed. */
const RESUME_WINDOW_MS = 24 * 3_600_000;

type RawRow = [string, CatalogRow['state'], string, string, string, string, string, string];

export class LoadHistory {
  /** Oldest first. */
  readonly #rows: readonly HistoryRow[];

  constructor(rows: readonly HistoryRow[]) {
    this.#rows = rows;
  }

  static async read(writer: ClusterWriter): Promise<LoadHistory> {
    const rows = await writer.rows<RawRow>(
      "SELECT name, state, generation, source, lines, bytes, checksum, dateDiff('millisecond', at, now64(3)) " +
        `FROM ${writer.tables.catalog} ORDER BY change`,
    );
    return new LoadHistory(
      rows.map(([name, state, generation, source, lines, bytes, checksum, ageMs]) => ({
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

  /** Returns the newest decisive row of a dictionary. */
  current(name: string): HistoryRow | undefined {
    return this.#rows.findLast((row) => row.name === name && isDecisive(row));
  }

  /** Returns the newest load of these files if it has neither finished nor been removed. */
  findResumable(name: string, source: string): HistoryRow | undefined {
    const own = this.#rows.filter((row) => row.name === name);
    const last = own.findLast((row) => row.state === 'loading' || isDecisive(row));
    if (last?.state !== 'loading' || last.source !== source || last.ageMs >= RESUME_WINDOW_MS) return undefined;
    return this.isRemoved(last.generation) ? undefined : last;
  }

  /** Whether a load is searched, in progress or resumable. */
  isUsed(generation: number, heartbeatTimeoutMs: number): boolean {
    const last = this.#rows.findLast((row) => row.generation === generation && row.state !== 'removed');
    if (last === undefined || this.isRemoved(generation)) return false;
    if (this.current(last.name)?.generation === generation) return true;
    if (last.state !== 'loading') return false;
    if (last.ageMs < heartbeatTimeoutMs) return true;
    return this.findResumable(last.name, last.source)?.generation === generation;
  }

  /** Returns the name of the dictionary that was loaded. */
  nameOf(generation: number): string | undefined {
    return this.#rows.find((row) => row.generation === generation)?.name;
  }

  isRemoved(generation: number): boolean {
    return this.#rows.some((row) => row.state === 'removed' && row.generation === generation);
  }
}
