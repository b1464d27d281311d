// Counts the words of loaded texts in the cluster.
import type { Cluster } from '../client/cluster.js';
import { goneError } from '../storage/catalog.js';
import type { LoadedFile, LoadedText } from '../storage/manifest.js';
import { tableNames } from '../storage/schema.js';

/** Keeps a query below 256 KiB (max_query_size). */
const MAX_FILES_PER_QUERY = 5_000;

/** As `countWords` counts them. These functions compare bytes. A line end is a separator, too. */
const WORDS_OF_LINE =
  "length(arrayFilter(word -> word != '', splitByChar(' ', translate(text, '\\t\\v\\f\\r', '    '))))";

export class WordCounts {
  readonly #cluster: Cluster;
  readonly #table: string;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#table = tableNames(cluster.database).lines;
  }

  /** Returns the counts by path. Throws as `Cluster.rows` does, and `dictionary_changed`. */
  async count(text: LoadedText, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const words = new Map(text.files.map(({ path }) => [path, 0]));
    const files = text.files.filter(({ lines }) => lines > 0);
    for (let start = 0; start < files.length; start += MAX_FILES_PER_QUERY) {
      const batch = files.slice(start, start + MAX_FILES_PER_QUERY);
      for (const [path, count] of await this.#countBatch(text.generation, batch, signal)) words.set(path, count);
    }
    return words;
  }

  async #countBatch(
    generation: number,
    files: readonly LoadedFile[],
    signal: AbortSignal,
  ): Promise<Map<string, number>> {
    const firstLines = files.map(({ linesBefore }) => linesBefore + 1);
    const last = files.at(-1) as LoadedFile;
    const range = `line BETWEEN ${firstLines[0]} AND ${last.linesBefore + last.lines}`;
    const rows = await this.#cluster.rows<[firstLine: number, lines: number, words: number]>(
      `SELECT roundDown(line, [${firstLines.join(', ')}]) AS first, count(), sum(${WORDS_OF_LINE}) FROM ${this.#table} WHERE generation = ${generation} AND ${range} GROUP BY first`,
      signal,
    );
    const byFirstLine = new Map(rows.map(([first, lines, words]) => [Number(first), { lines, words }]));
    return new Map(
      files.map(({ path, linesBefore, lines }) => {
        const found = byFirstLine.get(linesBefore + 1);
        // The load was removed.
        if (Number(found?.lines) !== lines) throw goneError();
        return [path, Number(found?.words)];
      }),
    );
  }
}
