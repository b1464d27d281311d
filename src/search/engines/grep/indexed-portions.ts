// Portions of a dictionary that has an index: the parts that can contain matches, or that have the
// requested entries. Files that the index doesn't have in their current version are read whole.
import { ownTurn } from '../../../concurrency/event-loop-turns.js';
import { changedDictionaryError } from '../../corpus/default-dictionary.js';
import type { DictionaryFile } from '../../corpus/dictionary-file.js';
import { Pace } from '../../corpus/pace.js';
import { maxLineBytes } from '../../entries/lines.js';
import { EVERY_LINE } from '../../grep/run-grep.js';
import { findCandidates, type IsCandidate } from '../../index/candidates.js';
import { Excerpt, type ExcerptSection, type OpenedFile } from '../../index/excerpt.js';
import { UnusableIndexError } from '../../index/index-header.js';
import type { IndexKeeper } from '../../index/index-keeper.js';
import type { IndexedFile, IndexedFiles } from '../../index/indexed-files.js';
import type { BlockRange, FileBlocks } from '../../index/ranges.js';
import type { IndexCounts } from '../../search-counts.js';
import { isCrSensitive } from './cr-sensitivity.js';
import type { OpenDictionary, Portion, SkippedEntries } from './open-dictionary.js';
import type { DictionaryTask } from './search-task.js';
import type { SmallTexts } from './small-texts.js';
import type { TraitCache } from './trait-cache.js';

export interface IndexedPortionsOptions {
  keeper: IndexKeeper;
  smallTexts: SmallTexts;
  traits: TraitCache;
  /** The maximum length of a line, in UTF-16 code units. */
  lineLength: number;
  /** As in `IndexOptions`. */
  maxShare?: number | undefined;
  counts: IndexCounts;
}

/** Reading more of the text than this in parts takes longer than reading all of it. */
const MAX_SHARE = 0.2;
/** Opening more files takes longer than reading all of them. */
const MAX_SHARE_OF_FILES = 0.1;

/** A file to read whole, or parts of files. */
type Step = { files: DictionaryFile[] } | { sections: ExcerptSection[] };

/** For a grep that must run, but needs no text. */
const NOTHING: Step = { sections: [] };

interface Plan {
  steps: Step[];
  skipped?: SkippedEntries;
}

/** What a search reads, and how the index helped. */
interface Planned extends Plan {
  blocksRead: number;
}

type Portions = AsyncGenerator<Portion, void, void>;

export class IndexedPortions {
  readonly #options: IndexedPortionsOptions;

  constructor(options: IndexedPortionsOptions) {
    this.#options = options;
  }

  /** Yields the portions of a dictionary that a search needs, in order. */
  async *portions(task: DictionaryTask): Portions {
    const { dictionary, pattern, signal } = task;
    const indexed = await this.#acquire(dictionary, signal);
    if (indexed === undefined) {
      if (!this.#isProvedAbsent(task)) yield* dictionary.portions(isCrSensitive(pattern), signal);
      else if (pattern.isRegex) yield* this.#plannedPortions(task, { steps: [NOTHING] });
      return;
    }
    try {
      const plan = await this.#plan(task, indexed);
      if (plan === undefined) yield* this.#wholePortions(task, indexed);
      else yield* this.#plannedPortions(task, plan);
    } finally {
      indexed.index.release();
    }
  }

  /** Returns the number of lines of each file, by path, or `undefined` if the index lacks one. */
  async lineCounts(dictionary: OpenDictionary, signal: AbortSignal): Promise<Map<string, number> | undefined> {
    const indexed = await this.#acquire(dictionary, signal);
    try {
      if (!indexed?.isComplete) return undefined;
      return new Map(indexed.files.map(({ path }, at) => [path, indexed.at(at).blocks?.lines ?? 0]));
    } finally {
      indexed?.index.release();
    }
  }

  /** Whether the filter of a small file excludes every match. */
  #isProvedAbsent({ dictionary: { only }, pattern: { required } }: DictionaryTask): boolean {
    const { smallTexts } = this.#options;
    const filter = only === undefined || required.length === 0 ? undefined : smallTexts.filterFor(only);
    if (!filter?.excludes(required)) return false;
    smallTexts.count('proved_absent', 1);
    return true;
  }

  /** The caller must release the index. Returns `undefined` if it has no file of the dictionary. */
  async #acquire(dictionary: OpenDictionary, signal: AbortSignal): Promise<IndexedFiles | undefined> {
    const { files, only, packed, snapshot } = dictionary;
    const [first] = files;
    if (first === undefined || packed !== undefined) return undefined;
    const found = only?.file ?? snapshot;
    const indexed = found && (await this.#options.keeper.acquire(first.path, found, signal));
    return indexed?.partFor(files);
  }

  /** Returns `undefined` if the search needs the whole text, or most of it. */
  async #plan(task: DictionaryTask, indexed: IndexedFiles): Promise<Plan | undefined> {
    const { query, pattern, signal } = task;
    if (query.unit === 'quote' && !this.#hasExactQuotes(indexed)) return undefined;
    if (pattern === EVERY_LINE) return planPage(task, indexed);
    await ownTurn();
    const isCandidate = await this.#findCandidates(task, indexed, signal);
    const plan = isCandidate && planCandidates(task, indexed, { isCandidate, maxShare: this.#options.maxShare });
    this.#count(plan, indexed.index.blocks);
    // grep must still report an invalid regular expression.
    return plan?.steps.length === 0 && pattern.isRegex ? { steps: [NOTHING] } : plan;
  }

  #count(plan: Planned | undefined, blocks: number): void {
    const { counts } = this.#options;
    counts.blocksTotal += blocks;
    counts.blocksRead += plan?.blocksRead ?? blocks;
    if (plan === undefined) counts.searches.scanned += 1;
    else counts.searches[plan.steps.length === 0 ? 'proved_absent' : 'pruned'] += 1;
  }

  async #findCandidates(
    { pattern }: DictionaryTask,
    { index }: IndexedFiles,
    signal: AbortSignal,
  ): Promise<IsCandidate | undefined> {
    try {
      return await findCandidates(index, pattern.required, new Pace(signal));
    } catch (error) {
      if (!(error instanceof UnusableIndexError)) throw error;
      this.#options.keeper.reject(index, error);
      return undefined;
    }
  }

  /** Only the first bytes of a long line tell whether it is blank, and so separates quotes. */
  #hasExactQuotes(indexed: IndexedFiles): boolean {
    const maxIndent = indexed.files.reduce((max, _, at) => Math.max(max, indexed.at(at).indent), 0);
    // A `\r` after the blanks could end the part of the line that is kept.
    return maxIndent + 1 < maxLineBytes(this.#options.lineLength);
  }

  async *#plannedPortions({ dictionary, pattern, signal }: DictionaryTask, { steps, skipped }: Plan): Portions {
    for (const step of steps) {
      if ('files' in step) {
        yield* dictionary.portionsOf(step.files, isCrSensitive(pattern), signal);
        continue;
      }
      const { sections } = step;
      await ownTurn();
      const open = (file: DictionaryFile) => openVersion(dictionary, file);
      const excerpt = await Excerpt.create({ sections, open }, signal).catch((error) => {
        if (dictionary.only?.hasChanged()) return undefined;
        throw error;
      });
      if (excerpt === undefined) {
        // Its lines may no longer be where the index has them. The summary says that it has changed.
        return yield* dictionary.portions(isCrSensitive(pattern), signal);
      }
      try {
        const files = [...new Set(sections.map(({ file }) => file))];
        yield { files, sectioned: excerpt, ...(skipped !== undefined && { skipped }) };
      } finally {
        excerpt.close();
      }
    }
  }

  async *#wholePortions({ dictionary, pattern, signal }: DictionaryTask, indexed: IndexedFiles): Portions {
    const { only } = dictionary;
    const { blocks, traits } = indexed.at(0);
    if (only === undefined || blocks === undefined) {
      return yield* dictionary.portions(isCrSensitive(pattern), signal);
    }
    for (const trait of ['crlf', 'fortune'] as const) this.#options.traits.set(trait, only, traits[trait]);
    yield { files: dictionary.files, text: only, blocks };
  }
}

/** Opens a file, and throws `dictionary_changed` unless it is as it was found. */
async function openVersion(dictionary: OpenDictionary, file: DictionaryFile): Promise<OpenedFile> {
  const { only } = dictionary;
  const text = only ?? (await dictionary.openText(file));
  const close = () => {
    if (text !== only) text.close();
  };
  const assertUnchanged = () => {
    if (text.hasChanged()) throw changedDictionaryError(dictionary.name);
  };
  if (text.version === file.version) return { fd: text.fd, assertUnchanged, close };
  close();
  throw changedDictionaryError(dictionary.name);
}

/** Returns `undefined` if too much of the dictionary may match. */
function planCandidates(
  { query }: DictionaryTask,
  indexed: IndexedFiles,
  { isCandidate, maxShare }: { isCandidate: IsCandidate; maxShare: number | undefined },
): Planned | undefined {
  const planner = new Planner();
  const totalBytes = indexed.files.reduce((sum, { bytes }) => sum + bytes, 0);
  let files = 0;
  for (const [at, file] of indexed.files.entries()) {
    const indexedFile = indexed.at(at);
    const { blocks } = indexedFile;
    const ranges = blocks?.rangesAround(isCandidate, query);
    if (ranges?.length === 0) continue;
    files += 1;
    if (ranges === undefined) planner.addFile(file);
    else for (const range of ranges) planner.addRange(indexedFile, range);
  }
  const isSelective = planner.bytes <= (maxShare ?? MAX_SHARE) * totalBytes;
  const maxFiles = (maxShare ?? MAX_SHARE_OF_FILES) * indexed.files.length;
  const isFew = indexed.files.length === 1 || files <= Math.max(1, maxFiles);
  return isSelective && isFew ? planner : undefined;
}

/** Returns `undefined` unless the index knows all that comes before and after the page. */
function planPage({ query }: DictionaryTask, indexed: IndexedFiles): Plan | undefined {
  const { unit, order, offset, nresults, observer } = query;
  if (order !== 'file' || observer !== undefined || !indexed.isComplete) return undefined;
  const end = nresults > 0 ? offset + nresults : Number.POSITIVE_INFINITY;
  if (offset === 0 && end === Number.POSITIVE_INFINITY) return undefined;
  const planner = new Planner();
  const skipped = { before: 0, after: 0 };
  let entriesBefore = 0;
  for (const at of indexed.files.keys()) {
    const indexedFile = indexed.at(at);
    const blocks = indexedFile.blocks as FileBlocks;
    const total = unit === 'line' ? blocks.lines : blocks.quotes;
    const [from, to] = [Math.max(0, offset - entriesBefore), Math.min(total, end - entriesBefore)];
    entriesBefore += total;
    if (to <= 0) skipped.after += total;
    else if (from >= total) skipped.before += total;
    else {
      const range = blocks.rangeOf(unit, from, to);
      skipped.before += blocks.entriesBefore(unit, range);
      skipped.after += blocks.entriesAfter(unit, range);
      planner.addRange(indexedFile, range);
    }
  }
  return { steps: planner.steps.length === 0 ? [NOTHING] : planner.steps, skipped };
}

/** Collects what to read, in order. */
class Planner implements Planned {
  readonly steps: Step[] = [];
  bytes = 0;
  blocksRead = 0;

  addFile(file: DictionaryFile): void {
    this.bytes += file.bytes;
    const last = this.steps.at(-1);
    if (last !== undefined && 'files' in last) last.files.push(file);
    else this.steps.push({ files: [file] });
  }

  addRange({ file, blocks, traits }: IndexedFile, range: BlockRange): void {
    const fileBlocks = blocks as FileBlocks;
    const { start, end } = fileBlocks.offsets(range);
    this.bytes += end - start;
    this.blocksRead += range.end - range.first;
    const before = fileBlocks.linesBefore(range.first);
    const lines = fileBlocks.linesBefore(range.end) - before;
    const last = this.steps.at(-1);
    const previous = last !== undefined && 'sections' in last ? last.sections : undefined;
    const lastSection = previous?.at(-1);
    const firstLine = lastSection === undefined ? 1 : lastSection.firstLine + lastSection.lines;
    const section = { file, start, end, firstLine, lines, lineInFile: before + 1, traits };
    if (previous === undefined) this.steps.push({ sections: [section] });
    else previous.push(section);
  }
}
