// Runs grep over a portion of a dictionary: input, options and resource limits.
import { closeSync } from 'node:fs';
import { inOrder, type SourcedChunk, type Start } from '../../../concurrency/in-order.js';
import { type Read, readConcurrently } from '../../../concurrency/read-concurrently.js';
import { ARGUMENT_OVERHEAD_BYTES, maxArgumentsBytes } from '../../../process/argument-limit.js';
import type { ResourceLimits } from '../../../process/resource-limits.js';
import { maxTextBytes } from '../../corpus/decoding.js';
import type { DictionaryFile } from '../../corpus/dictionary-file.js';
import { LARGE_BYTES } from '../../corpus/large-text.js';
import { hasProc } from '../../corpus/open-beneath.js';
import { withoutCr } from '../../corpus/without-cr.js';
import type { GrepForkServers } from '../../grep/grep-fork-servers.js';
import { GrepLines, type GrepLinesOptions, type GroupedRecord, type MatchMarkers } from '../../grep/grep-output.js';
import { EVERY_LINE, type Grep, type GrepRun, type Pattern, runGrep } from '../../grep/run-grep.js';
import { Excerpt } from '../../index/excerpt.js';
import { isCrSensitive, lineEndOf } from './cr-sensitivity.js';
import {
  DividedText,
  divideLines,
  divideText,
  MIN_PART_BYTES,
  PartJoiner,
  type TextPart,
  type UnnumberedPart,
} from './divided-text.js';
import { chainGreps } from './grep-chain.js';
import { filterLines, type LineFilterOptions } from './line-filter.js';
import type { Portion } from './open-dictionary.js';
import type { GrepFiles } from './open-files.js';
import type { SearchTask } from './search-task.js';

export interface PortionGrepOptions {
  grep: Grep;
  forkServers: GrepForkServers;
  /** grep's working directory. */
  root: string;
  /** The maximum length of a line, in UTF-16 code units. */
  lineLength: number;
  /** The memory limit of a grep with an expensive pattern or a large text. */
  searchMemoryBytes: number;
  spareSlots: SpareSlots;
  /** The least text of one file for which another grep pays off. */
  minPartBytes?: number | undefined;
}

/** Slots of admission control for a search that can use several. */
export interface SpareSlots {
  /** Acquires up to `max` slots that nobody else needs now. Returns their number. */
  acquire(max: number): number;
  release(count: number): void;
}

interface ReadOptions {
  /** Whether the portion has been read before. */
  isReread: boolean;
}

interface LineOptions extends Pick<GrepLinesOptions, 'needsTexts'> {
  /** grep's options for context. */
  context: readonly string[];
}

type LineContext = Pick<SearchTask['query'], 'n_before' | 'n_after'>;

const NO_CONTEXT: LineContext = { n_before: 0, n_after: 0 };

export type ScanTask = Pick<SearchTask, 'pattern' | 'dictionary' | 'signal'>;

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
    const divided = await this.#divide(task, portion, { context: task.query });
    if (divided !== undefined) {
      try {
        return yield* this.#dividedLines(task, portion, divided, { context, needsTexts });
      } finally {
        divided.close();
      }
    }
    const { format, unit, observer } = task.query;
    const markers = this.#markersOf(task);
    const { text, opened, sectioned } = portion;
    // The numbers of the lines tell their section.
    const withLocations = format !== 'text' || unit === 'quote' || observer !== undefined || sectioned !== undefined;
    const lines = new GrepLines({
      withLocations,
      file: text?.path,
      pathOf: opened && ((printed) => opened.pathOf(printed)),
      sections: sectioned?.sections,
      maxLength: this.#options.lineLength,
      lineEnd: lineEndOf(task.pattern),
      markers,
      needsTexts,
    });
    const location = withLocations ? ['-n', ...(opened === undefined ? [] : ['-H', '-Z'])] : ['-b'];
    const options = [...colorOf(task, markers), ...location, ...context];
    const raw = this.#undividedOutput(task, portion, { output: options, colors: markers?.colors });
    const withPaths = opened !== undefined && withLocations;
    for await (const output of this.#filter(task, raw, { withPaths, markers, needsTexts })) {
      yield lines.read(output);
    }
  }

  /** Like `lines`, with several greps. */
  async *#dividedLines(
    task: SearchTask,
    portion: Portion,
    divided: DividedText,
    { context, needsTexts }: LineOptions,
  ): AsyncGenerator<Iterable<GroupedRecord>, void, void> {
    const [file] = portion.files as [DictionaryFile];
    const markers = this.#markersOf(task);
    const parsers = divided.parts.map(({ lineInFile }) => {
      const sections = [{ file, firstLine: 1, lines: Number.POSITIVE_INFINITY, lineInFile }];
      const { lineLength: maxLength } = this.#options;
      const lineEnd = lineEndOf(task.pattern);
      return new GrepLines({ withLocations: true, sections, maxLength, lineEnd, markers, needsTexts });
    });
    const joiner = new PartJoiner();
    const run = { output: [...colorOf(task, markers), '-n', ...context], colors: markers?.colors };
    const filter = (output: AsyncGenerator<Buffer, void, void>) =>
      this.#filter(task, output, { withPaths: false, markers, needsTexts });
    for await (const { chunk, source } of this.#outputOfParts(task, divided, run, filter)) {
      yield joiner.join(divided.parts[source] as TextPart, (parsers[source] as GrepLines).read(chunk));
    }
  }

  /** Marks the matches for the format `object`, if there can be any. */
  #markersOf({ query, pattern }: SearchTask): MatchMarkers | undefined {
    const hasMatches = query.format === 'object' && pattern !== EVERY_LINE && !isInverted(pattern);
    return hasMatches ? this.#options.forkServers.markers : undefined;
  }

  /** Applies the conditions of the pattern, if it has any. */
  #filter(
    { query, pattern, dictionary, signal }: SearchTask,
    output: AsyncGenerator<Buffer, void, void>,
    options: Pick<LineFilterOptions, 'withPaths' | 'markers'> & Pick<LineOptions, 'needsTexts'>,
  ): AsyncGenerator<Buffer, void, void> {
    if (pattern.conditions === undefined) return output;
    const { grep, forkServers } = this.#options;
    return filterLines(output, {
      ...options,
      ...{ grep, forkServers, pattern, signal },
      withContext: query.n_before + query.n_after > 0,
      needsTexts: options.needsTexts ?? (() => true),
      limits: this.#limitsOf(pattern, dictionary.files),
    });
  }

  /** Returns the number of matching lines of a portion. */
  async count(task: ScanTask, portion: Portion): Promise<number> {
    if (task.pattern.conditions !== undefined) return this.#countInChain(task, portion);
    const counts = await this.#counts(task, portion, { isReread: true });
    return [...counts.values()].reduce((sum, count) => sum + count, 0);
  }

  async #countInChain(task: ScanTask, portion: Portion): Promise<number> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.output(task, portion, ['-c'], { isReread: true })) chunks.push(chunk);
    // One count for each part of the text.
    return Buffer.concat(chunks)
      .toString()
      .split('\n')
      .reduce((sum, count) => sum + Number(count), 0);
  }

  /** Returns the number of lines of each file of a portion, by path. */
  async lineCounts(task: ScanTask, portion: Portion): Promise<Map<string, number>> {
    const { sectioned } = portion;
    if (sectioned !== undefined) return new Map(sectioned.sections.map(({ file, lines }) => [file.path, lines]));
    return this.#counts(task, portion, { isReread: false });
  }

  /** Returns the number of matching lines of each file of a portion that isn't sectioned. */
  matchingLineCounts(task: ScanTask, portion: Portion): Promise<Map<string, number>> {
    return this.#counts(task, portion, { isReread: true });
  }

  get markers(): MatchMarkers {
    return this.#options.forkServers.markers;
  }

  get lineLength(): number {
    return this.#options.lineLength;
  }

  /** Whether a text is so large that another grep may pay off. */
  isDivisible({ bytes }: DictionaryFile): boolean {
    return bytes >= 2 * (this.#options.minPartBytes ?? MIN_PART_BYTES);
  }

  /** Counts the matching lines of each file. Those of a sectioned text count as one. */
  async #counts(task: ScanTask, portion: Portion, options: ReadOptions): Promise<Map<string, number>> {
    const chunks: Buffer[] = [];
    // Output per file: path, NUL, count, newline.
    for await (const output of this.output(task, portion, ['-c', '-H', '-Z'], options)) chunks.push(output);
    const counts = new Map<string, number>();
    for (const line of Buffer.concat(chunks).toString().split('\n').slice(0, -1)) {
      const [printed = '', count] = line.split('\0');
      const path = portion.text?.path ?? portion.opened?.pathOf(printed) ?? printed;
      // Several greps may have shared out a file.
      counts.set(path, (counts.get(path) ?? 0) + Number(count));
    }
    return counts;
  }

  /**
   * Yields grep's raw output, which must have neither context nor line numbers. The conditions of
   * the pattern must be chainable.
   */
  async *output(
    task: ScanTask,
    portion: Portion,
    output: readonly string[],
    { isReread = false }: Partial<ReadOptions> = {},
  ): AsyncGenerator<Buffer, void, void> {
    const { grep } = this.#options;
    const { pattern, dictionary, signal } = task;
    const limits = this.#limitsOf(pattern, dictionary.files);
    const first = pattern.conditions === undefined ? output : [];
    const chain = (lines: AsyncGenerator<Buffer, void, void>) =>
      chainGreps(grep, lines, { pattern, limits, signal, output });
    const divided = await this.#divide(task, portion, { isReread });
    if (divided === undefined) return yield* chain(this.#undividedOutput(task, portion, { output: first, isReread }));
    try {
      for await (const { chunk } of this.#outputOfParts(task, divided, { output: first }, chain)) yield chunk;
    } finally {
      divided.close();
    }
  }

  /**
   * Reads grep's raw output, which must have no context. If several greps share out a text, each
   * has a reader of its own, and line numbers of its own. Returns false as soon as a reader does.
   */
  async readOutput(
    task: ScanTask,
    portion: Portion,
    { isReread, ...run }: Pick<GrepRun, 'output' | 'colors'> & ReadOptions,
    read: Read,
  ): Promise<boolean> {
    const divided = (await this.#divide(task, portion, { isReread })) ?? (await this.#divideLines(task, portion));
    if (divided === undefined) {
      return read(this.#undividedOutput(task, portion, { ...run, isReread }), 0);
    }
    try {
      return await readConcurrently(this.#startsOf(task, divided, run), read);
    } finally {
      divided.close();
    }
  }

  /** Divides a large text without an index if there are free slots and line numbers don't matter. */
  async #divideLines(
    { pattern, dictionary, signal }: ScanTask,
    { text, blocks }: Portion,
  ): Promise<DividedText<UnnumberedPart> | undefined> {
    const { grep, spareSlots, minPartBytes = MIN_PART_BYTES } = this.#options;
    if (text === undefined || text.needsDecoding || blocks !== undefined) return undefined;
    if (grep.slicer === undefined || !hasProc) return undefined;
    if (isCrSensitive(pattern) && (await dictionary.has('crlf', text, signal))) return undefined;
    const spare = spareSlots.acquire(Math.floor(text.file.bytes / minPartBytes) - 1);
    if (spare === 0) return undefined;
    return DividedText.tryOpen(text, divideLines(text, spare + 1), () => spareSlots.release(spare));
  }

  async *#undividedOutput(
    task: ScanTask,
    portion: Portion,
    { output, colors, isReread = false }: Pick<GrepRun, 'output' | 'colors'> & Partial<ReadOptions>,
  ): AsyncGenerator<Buffer, void, void> {
    const { files, opened } = portion;
    const { pattern, signal } = task;
    const run = { pattern, output, colors, cwd: this.#options.root };
    if (opened !== undefined) yield* this.#outputOfFiles(run, files, opened, signal);
    else {
      const short = await this.#shortOutput(task, portion, output);
      if (short !== undefined) {
        yield short;
        return;
      }
      const input = await this.#inputOf(task, portion, { isReread });
      const limits = this.#limitsOf(pattern, portion.sectioned === undefined ? files : [portion.sectioned]);
      try {
        yield* runGrep(this.#options.grep, { ...run, files: [], input, limits }, signal);
      } finally {
        if (isReread && typeof input === 'number') closeSync(input);
      }
    }
  }

  /** Returns the whole output for a short excerpt, or `undefined` if it can't be had quickly. */
  async #shortOutput(
    { pattern, signal }: ScanTask,
    { sectioned }: Portion,
    output: readonly string[],
  ): Promise<Buffer | undefined> {
    // Of other texts, much may match.
    if (!(sectioned instanceof Excerpt) || sectioned.fd === undefined) return undefined;
    if (isCrSensitive(pattern) && sectioned.hasCrlf) return undefined;
    const run = { pattern, output, text: sectioned.fd, maxBytes: MAX_SHORT_OUTPUT_BYTES };
    const result = await this.#options.forkServers.run(run, signal);
    return result?.isComplete ? result.stdout : undefined;
  }

  /**
   * Divides a large text among several greps if there are free slots, or lets one read it again.
   * Returns `undefined` if that isn't possible or pays off. The caller must close the result.
   */
  async #divide(
    { pattern, dictionary, signal }: ScanTask,
    { text, blocks }: Portion,
    { context = NO_CONTEXT, isReread = false }: Partial<ReadOptions> & { context?: LineContext },
  ): Promise<DividedText | undefined> {
    const { grep, spareSlots, minPartBytes = MIN_PART_BYTES } = this.#options;
    if (text === undefined || blocks === undefined || grep.slicer === undefined || !hasProc) return undefined;
    if (pattern === EVERY_LINE || blocks.all.first === blocks.all.end) return undefined;
    if (isCrSensitive(pattern) && (await dictionary.has('crlf', text, signal))) return undefined;
    const spare = spareSlots.acquire(Math.floor(text.file.bytes / minPartBytes) - 1);
    if (spare === 0 && !isReread) return undefined;
    return DividedText.tryOpen(text, divideText(blocks, spare + 1, context), () => spareSlots.release(spare));
  }

  #outputOfParts(
    task: ScanTask,
    divided: DividedText,
    run: Pick<GrepRun, 'output' | 'colors'>,
    filter: Filter = unfiltered,
  ): AsyncGenerator<SourcedChunk, void, void> {
    const width = divided.parts.length;
    return inOrder(this.#startsOf(task, divided, run, filter), { width, maxBytes: MAX_AHEAD_BYTES });
  }

  #startsOf(
    { pattern, dictionary, signal }: ScanTask,
    { parts, fds }: Pick<DividedText<UnnumberedPart>, 'parts' | 'fds'>,
    run: Pick<GrepRun, 'output' | 'colors'>,
    filter: Filter = unfiltered,
  ): Start[] {
    const { grep, root } = this.#options;
    const limits = this.#limitsOf(pattern, dictionary.files);
    return parts.map(({ slice }, index) => {
      const part = { ...run, pattern, files: [], cwd: root, input: fds[index], slice, limits };
      return (stop: AbortSignal) => filter(runGrep(grep, part, AbortSignal.any([signal, stop])));
    });
  }

  /** Several greps share out the files if there are free slots, or too many files for one. */
  async *#outputOfFiles(
    run: Pick<GrepRun, 'pattern' | 'output' | 'colors' | 'cwd'>,
    files: readonly DictionaryFile[],
    opened: GrepFiles,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer, void, void> {
    const { grep, spareSlots } = this.#options;
    const operands = opened.operands;
    const spare = spareSlots.acquire(Math.floor(files.length / MIN_FILES_PER_GREP) - 1);
    const parts = divide(operands, spare + 1);
    const hasGroups = run.output.includes('-B');
    const starts = parts.map(({ from, to }) => {
      const limits = this.#limitsOf(run.pattern, files.slice(from, to));
      const part = { ...run, files: operands.slice(from, to), cwd: opened.cwd ?? run.cwd, limits };
      return (stop: AbortSignal) => {
        const lines = runGrep(grep, part, AbortSignal.any([signal, stop]));
        return hasGroups && parts.length > 1 ? afterSeparator(lines) : lines;
      };
    });
    try {
      for await (const { chunk } of inOrder(starts, { width: spare + 1, maxBytes: MAX_AHEAD_BYTES })) {
        await opened.verify?.();
        yield chunk;
      }
      // Files whose text was replaced may have had lines to print.
      await opened.verify?.();
    } finally {
      spareSlots.release(spare);
    }
  }

  /** If the input of a portion that is read again is a file descriptor, the caller must close it. */
  async #inputOf(
    { pattern, dictionary, signal }: ScanTask,
    { text, sectioned }: Portion,
    { isReread }: ReadOptions,
  ): Promise<number | AsyncIterable<Buffer> | undefined> {
    const source = text ?? sectioned;
    if (source === undefined) return undefined;
    const hasCrlf = async () =>
      text === undefined ? sectioned?.hasCrlf : text.needsDecoding || dictionary.has('crlf', text, signal);
    if (isCrSensitive(pattern) && (await hasCrlf())) return withoutCr(source.read(signal));
    if (source.needsDecoding) return source.read(signal);
    // A program that inherits a file descriptor continues at its current offset.
    return (isReread ? text?.tryReopenText() : source.fd) ?? source.read(signal);
  }

  #limitsOf({ isExpensive }: Pattern, texts: readonly { bytes: number; path?: string }[]): ResourceLimits | undefined {
    const bytes = texts.reduce((sum, { bytes, path = '' }) => sum + maxTextBytes({ bytes, path }), 0);
    return isExpensive || bytes > LARGE_BYTES ? { memoryBytes: this.#options.searchMemoryBytes } : undefined;
  }
}

/** Changes what a grep has printed. */
type Filter = (output: AsyncGenerator<Buffer, void, void>) => AsyncGenerator<Buffer, void, void>;

const unfiltered: Filter = (output) => output;

/** Lines with conditions are marked once they meet them. */
function colorOf({ pattern }: SearchTask, markers: MatchMarkers | undefined): string[] {
  return markers === undefined || pattern.conditions !== undefined ? [] : ['--color=always'];
}

function isInverted({ options }: Pattern): boolean {
  return options.includes('-v');
}

/** Separates the groups of one grep from those of the grep before, as grep does with its own. */
async function* afterSeparator(lines: AsyncGenerator<Buffer, void, void>): AsyncGenerator<Buffer, void, void> {
  let isFirst = true;
  for await (const chunk of lines) {
    if (isFirst) yield Buffer.from('--\n');
    isFirst = false;
    yield chunk;
  }
}

/** The output of a fork server is kept in memory. */
const MAX_SHORT_OUTPUT_BYTES = 1024 * 1024;
/** Another grep pays off only for so many files. */
const MIN_FILES_PER_GREP = 500;
/** How much output of later files is buffered while earlier ones are read. */
const MAX_AHEAD_BYTES = 1024 * 1024;

/** Divides operands into `count` parts of about equal length, or more if these are too long. */
function divide(operands: readonly string[], count: number): { from: number; to: number }[] {
  const lengths = operands.map((operand) => Buffer.byteLength(operand) + ARGUMENT_OVERHEAD_BYTES);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const longest = lengths.reduce((max, length) => Math.max(max, length), 0);
  // Without the longest, the operands could take another part.
  const maxLength = Math.min(maxArgumentsBytes, Math.ceil(total / count) + longest);
  const parts: { from: number; to: number }[] = [];
  let part = { from: 0, to: 0 };
  let length = 0;
  for (const [index, bytes] of lengths.entries()) {
    if (length > 0 && length + bytes > maxLength) {
      parts.push(part);
      part = { from: index, to: index };
      length = 0;
    }
    length += bytes;
    part.to = index + 1;
  }
  return [...parts, part];
}
