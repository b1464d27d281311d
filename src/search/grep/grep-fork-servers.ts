// Fork servers for all kinds of patterns, for greps that read little and so take no longer than
// their start.
import { findWrappers } from '../../process/resource-limits.js';
import { ForkServers } from './fork-server.js';
import type { ForkedResult } from './forked-output.js';
import { MatchMarkers } from './grep-output.js';
import { endGrepSpan, startGrepSpan } from './grep-span.js';
import { type Grep, NOT_FOUND, outcomeOf, type Pattern } from './run-grep.js';

export interface ShortRun {
  pattern: Pattern;
  /** Options for what grep prints. */
  output: readonly string[];
  /** A file descriptor of this process for the text, which grep reads from its start. */
  text: number;
  /** The maximum output to keep. */
  maxBytes: number;
}

export class GrepForkServers {
  /** What marks the matches, with `--color=always`. */
  readonly markers: MatchMarkers;
  readonly #grep: Grep;
  /** In the C locale. */
  readonly #bytes: ForkServers;
  /** In UTF-8, with a memory limit: only such patterns can be expensive. */
  readonly #characters: ForkServers;

  private constructor(grep: Grep, limits: readonly string[]) {
    this.#grep = grep;
    this.markers = new MatchMarkers();
    const command = [grep.program, '-a', '-h'];
    const env = { GREP_COLORS: this.markers.colors };
    this.#bytes = new ForkServers(command, { ...env, LC_ALL: 'C' });
    this.#characters = new ForkServers(command, { ...env, LC_ALL: grep.utf8Locale }, limits);
  }

  static async open(grep: Grep, memoryBytes: number): Promise<GrepForkServers> {
    return new GrepForkServers(grep, (await findWrappers()).command({ memoryBytes }));
  }

  /**
   * Returns `undefined` if no fork server is available, or grep fails; the caller then starts grep
   * itself. Throws the signal's reason.
   */
  async run({ pattern, output, text, maxBytes }: ShortRun, signal: AbortSignal): Promise<ForkedResult | undefined> {
    const { terms, options, isUtf8, isRegex } = pattern;
    const servers = isUtf8 ? this.#characters : this.#bytes;
    const run = { terms, options: [...options, ...output], text, maxBytes, mayFail: isRegex };
    const span = startGrepSpan(this.#grep.tracer, true);
    const result = await servers.run(run, signal).catch((error) => {
      endGrepSpan(span, 'cancelled');
      throw error;
    });
    // The span isn't recorded, as it never ends.
    if (result === undefined) return undefined;
    const outcome = outcomeOf(result.status);
    if (this.#grep.counts !== undefined) this.#grep.counts[outcome] += 1;
    endGrepSpan(span, outcome);
    return result.status <= NOT_FOUND ? result : undefined;
  }

  async close(): Promise<void> {
    await Promise.all([this.#bytes.close(), this.#characters.close()]);
  }
}
