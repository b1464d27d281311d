// Runs one grep over a portion of a dictionary: input, options and resource limits.
import { LARGE_BYTES } from '../../corpus/large-text.js';
import { withoutCr } from '../../corpus/without-cr.js';
import type { LineEnd } from '../../entries/lines.js';
import { GrepLines, type GrepLinesOptions, type GroupedRecord, MatchMarkers } from '../../grep/grep-output.js';
import { EVERY_LINE, type Grep, type Pattern, runGrep } from '../../grep/run-grep.js';
import type { Portion } from './open-dictionary.js';
import type { SearchTask } from './search-task.js';

export interface PortionGrepOptions {
  grep: Grep;
  /** grep's working directory. */
  root: string;
  /** The maximum length of a line, in UTF-16 code units. */
  lineLength: number;
  /** The memory limit of a grep with an expensive pattern or a large text. */
  searchMemoryBytes: number;
}

interface ReadOptions {
  /** Whether the portion has been read before. */
  isReread: boolean;
}

interface LineOptions extends Pick<GrepLinesOptions, 'needsTexts'> {
  /** grep's options for context. */
  context: readonly string[];
}

type ScanTask = Pick<SearchTask, 'pattern' | 'dictionary' | 'signal'>;

export class PortionGrep {
  readonly #options: PortionGrepOptions;

  constructor(options: PortionGrepOptions) {
    this.#options = options;
  }

  /** Yields the matching lines of a portion and their context. */
  async *lines(
    task: SearchTask,
    portion: Portion,
    { context, needsTexts }: LineOptions,
  ): AsyncGenerator<Iterable<GroupedRecord>, void, void> {
    const { format, unit, observer } = task.query;
    const markers = format === 'object' && task.pattern !== EVERY_LINE ? new MatchMarkers() : undefined;
    const withLocations = format !== 'text' || unit === 'quote' || observer !== undefined;
    const lines = new GrepLines({
      withLocations,
      file: portion.text?.path,
      names: portion.opened?.names,
      maxLength: this.#options.lineLength,
      lineEnd: lineEndOf(task.pattern),
      markers,
      needsTexts,
    });
    const location = withLocations ? ['-n', ...(portion.text === undefined ? ['-H', '-Z'] : [])] : ['-b'];
    const color = markers === undefined ? [] : ['--color=always'];
    const options = [...color, ...location, ...context];
    for await (const output of this.output(task, portion, options, { colors: markers?.colors })) {
      yield lines.read(output);
    }
  }

  /** Returns the number of matching lines of each file, by path. */
  async counts(task: ScanTask, portion: Portion, { isReread }: ReadOptions): Promise<Map<string, number>> {
    const chunks: Buffer[] = [];
    // Output per file: path, NUL, count, newline.
    const options = ['-c', '-H', '-Z'];
    for await (const output of this.output(task, portion, options, { isReread })) chunks.push(output);
    const counts = new Map<string, number>();
    for (const line of Buffer.concat(chunks).toString().trim().split('\n')) {
      const [path = '', count] = line.split('\0');
      counts.set(portion.text?.path ?? portion.opened?.names.get(path) ?? path, Number(count));
    }
    return counts;
  }

  /** Yields grep's raw output. */
  async *output(
    { pattern, dictionary, signal }: ScanTask,
    { files, opened, text }: Portion,
    output: readonly string[],
    { colors, isReread }: Partial<ReadOptions> & { colors?: string | undefined } = {},
  ): AsyncGenerator<Buffer, void, void> {
    // A program that inherits a file descriptor continues at its current offset.
    let input: number | AsyncIterable<Buffer> | undefined = text?.fd;
    if (isReread === true || text?.isCompressed) input = text?.read(signal);
    if (
      text !== undefined &&
      isCrSensitive(pattern) &&
      (text.isCompressed || (await dictionary.has('crlf', text, signal)))
    ) {
      input = withoutCr(text.read(signal));
    }
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const limits =
      pattern.isExpensive || bytes * (text?.isCompressed ? MAX_COMPRESSION_RATIO : 1) > LARGE_BYTES
        ? { memoryBytes: this.#options.searchMemoryBytes }
        : undefined;
    const run = {
      pattern,
      output,
      files: [...(opened?.names.keys() ?? [])],
      cwd: this.#options.root,
      input,
      colors,
      limits,
    };
    yield* runGrep(this.#options.grep, run, signal);
  }
}

/**
 * Whether a `\r` at the end of a line may affect the matches of a pattern. Only a regular
 * expression with anchors, classes, escapes or control characters can be affected.
 */
export function isCrSensitive({ isRegex, terms }: Pattern): boolean {
  return isRegex && terms.some((term) => /[.$[\\\p{Cc}]/u.test(term));
}

/** CR-sensitive patterns search texts without the `\r` of `\r\n`, others search them unchanged. */
export function lineEndOf(pattern: Pattern): LineEnd {
  return isCrSensitive(pattern) ? 'lf' : 'lf or crlf';
}

/** The limit of deflate (https://zlib.net/zlib_tech.html). */
const MAX_COMPRESSION_RATIO = 1032;
