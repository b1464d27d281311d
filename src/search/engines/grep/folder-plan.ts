// How grep reads a folder that has settled: most files by their names, in few runs.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { LRUCache } from 'lru-cache';
import { MAX_COPY_BYTES, markOf } from '../../corpus/byte-order-mark.js';
import { needsDecoding } from '../../corpus/decoding.js';
import type { DictionaryFile } from '../../corpus/dictionary-file.js';
import { mapFsErrors, NotFoundError } from '../../corpus/dictionary-root.js';
import type { FolderSnapshot } from '../../corpus/folder-snapshot.js';
import type { Pace } from '../../corpus/pace.js';
import { hasTraitIn } from '../../corpus/text-traits.js';
import { MAX_COPIES_BYTES, maxFilesPerGrep } from './open-files.js';

/** Files that one grep can read. */
export interface Run {
  files: readonly DictionaryFile[];
  /** grep's operands, relative to the folder. `undefined` if grepd opens the file for grep. */
  names: readonly (string | undefined)[];
}

/** A file that takes a grep of its own. */
export interface SingleFile {
  file: DictionaryFile;
}

/** For grep, `-` is the standard input. */
export const DASH_OPERAND = './-';

export type Step = Run | SingleFile;

export interface PlanOptions {
  /** The absolute path of the root. */
  root: string;
  /** Whether a file that is too large to be read at once has CRLF line ends. */
  hasCrlf: (file: DictionaryFile) => Promise<boolean>;
}

/** What is known of a file, as bits. */
const IS_SCANNED = 1;
const HAS_MARK = 2;
const IS_SCANNED_FOR_CRLF = 4;
const HAS_CRLF = 8;
const NEEDS_DECODING = 16;

/** Files of up to this size are read at once to find out about them. */
const MAX_SCAN_BYTES = 256 * 1024;
const scanBuffer = Buffer.alloc(MAX_SCAN_BYTES);
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW;

export class FolderPlan {
  readonly snapshot: FolderSnapshot;
  readonly #traits: Uint8Array;
  readonly #steps = new Map<boolean, readonly Step[]>();

  /** Keeps what the plan of an earlier snapshot knows of the files that are still the same. */
  static async create(snapshot: FolderSnapshot, previous: FolderPlan | undefined, pace: Pace): Promise<FolderPlan> {
    const traits = new Uint8Array(snapshot.files.length);
    if (previous !== undefined) {
      const indexes = new Map(previous.snapshot.files.map(({ path }, index) => [path, index]));
      for (const [index, { path }] of snapshot.files.entries()) {
        if (pace.isExpired) await pace.yieldToEventLoop();
        const before = indexes.get(path);
        if (before === undefined || !snapshot.isSameFile(index, previous.snapshot, before)) continue;
        traits[index] = previous.#traits[before] as number;
      }
    }
    return new FolderPlan(snapshot, traits);
  }

  private constructor(snapshot: FolderSnapshot, traits: Uint8Array) {
    this.snapshot = snapshot;
    this.#traits = traits;
  }

  /**
   * Returns the steps of a search, in the order of the files. Reads each file the first time.
   * Throws NotFoundError if a file has changed, ForbiddenError, `too_busy` or the signal's reason.
   *
   * @param needsLfOnly whether files with CRLF take a grep of their own
   */
  async steps(needsLfOnly: boolean, options: PlanOptions, pace: Pace): Promise<readonly Step[]> {
    const known = this.#steps.get(needsLfOnly);
    if (known !== undefined) return known;
    for (const [index, file] of this.snapshot.files.entries()) {
      if (pace.isExpired) await pace.yieldToEventLoop();
      if (!this.#has(index, IS_SCANNED)) this.#scan(index, file, options.root);
      if (!needsLfOnly || this.#has(index, IS_SCANNED_FOR_CRLF)) continue;
      this.#add(index, IS_SCANNED_FOR_CRLF | ((await options.hasCrlf(file)) ? HAS_CRLF : 0));
    }
    const steps = this.#createSteps(needsLfOnly);
    this.#steps.set(needsLfOnly, steps);
    return steps;
  }

  #scan(index: number, { realPath, path, bytes }: DictionaryFile, root: string): void {
    // They always take a grep of their own.
    if (needsDecoding(path)) {
      this.#add(index, IS_SCANNED | IS_SCANNED_FOR_CRLF | NEEDS_DECODING);
      return;
    }
    const fd = mapFsErrors(() => openSync(`${root}/${realPath}`, FLAGS));
    try {
      if (!this.snapshot.isFile(index, fstatSync(fd, { bigint: true }))) throw new NotFoundError();
      const text = scanBuffer.subarray(0, readSync(fd, scanBuffer, 0, MAX_SCAN_BYTES, 0));
      const mark = markOf(text);
      const isUtf16 = mark !== undefined && mark !== 'utf-8';
      if (isUtf16) this.#add(index, IS_SCANNED_FOR_CRLF | NEEDS_DECODING);
      this.#add(index, IS_SCANNED | (mark === 'utf-8' ? HAS_MARK : 0));
      if (isUtf16 || bytes >= MAX_SCAN_BYTES) return;
      this.#add(index, IS_SCANNED_FOR_CRLF | (hasTraitIn(text, 'crlf') ? HAS_CRLF : 0));
    } finally {
      closeSync(fd);
    }
  }

  #createSteps(needsLfOnly: boolean): Step[] {
    const steps: Step[] = [];
    let run = new RunBuilder();
    for (const [index, file] of this.snapshot.files.entries()) {
      const hasMark = this.#has(index, HAS_MARK);
      const isSingle =
        this.#has(index, NEEDS_DECODING) ||
        (hasMark && file.bytes > MAX_COPY_BYTES) ||
        (needsLfOnly && this.#has(index, HAS_CRLF));
      if (isSingle || !run.hasRoomFor(file, hasMark)) {
        if (!run.isEmpty) steps.push(run.build());
        run = new RunBuilder();
      }
      const name = file.path.slice(this.snapshot.path.length + 1);
      // In grep's output, a newline in a name would end the line.
      const isOpened = hasMark || this.#isLinked(file) || name.includes('\n');
      if (isSingle) steps.push({ file });
      else if (isOpened) run.addOpened(file, hasMark ? file.bytes : 0);
      else run.addNamed(file, name);
    }
    if (!run.isEmpty) steps.push(run.build());
    return steps;
  }

  /** Whether a link leads to the file, which can be elsewhere, or also in the folder itself. */
  #isLinked(file: DictionaryFile): boolean {
    const { path, realPath } = this.snapshot;
    return file.realPath !== realPath + file.path.slice(path.length);
  }

  #has(index: number, trait: number): boolean {
    return ((this.#traits[index] as number) & trait) !== 0;
  }

  #add(index: number, traits: number): void {
    this.#traits[index] = (this.#traits[index] as number) | traits;
  }
}

/**
 * Yields the steps that read some of the files. They must be in the order of the folder, and the
 * same objects.
 */
export function* stepsFor(files: readonly DictionaryFile[], steps: readonly Step[]): Generator<Step> {
  let next = 0;
  for (const step of steps) {
    if ('file' in step) {
      if (step.file !== files[next]) continue;
      next += 1;
      yield step;
      continue;
    }
    const first = next;
    const names = step.names.filter((_, index) => {
      const isNext = step.files[index] === files[next];
      if (isNext) next += 1;
      return isNext;
    });
    if (next > first) yield { files: files.slice(first, next), names };
  }
}

/** Collects the files of a run. */
class RunBuilder {
  readonly #files: DictionaryFile[] = [];
  readonly #names: (string | undefined)[] = [];
  #opened = 0;
  #copiedBytes = 0;

  get isEmpty(): boolean {
    return this.#files.length === 0;
  }

  /** The files that grepd opens for one grep are limited, and so are their copies. */
  hasRoomFor({ bytes }: DictionaryFile, hasMark: boolean): boolean {
    return this.#opened < maxFilesPerGrep && (!hasMark || this.#copiedBytes + bytes <= MAX_COPIES_BYTES);
  }

  addNamed(file: DictionaryFile, name: string): void {
    this.#files.push(file);
    this.#names.push(name === '-' ? DASH_OPERAND : name);
  }

  addOpened(file: DictionaryFile, copiedBytes: number): void {
    this.#files.push(file);
    this.#names.push(undefined);
    this.#opened += 1;
    this.#copiedBytes += copiedBytes;
  }

  build(): Run {
    return { files: this.#files, names: this.#names };
  }
}

/** Bounds the memory of the plans. */
const MAX_BYTES = 16 * 1024 * 1024;
/** What a file takes in a plan. */
const FILE_BYTES = 64;

export class FolderPlans {
  readonly #plans = new LRUCache<string, FolderPlan>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ snapshot }, name) => FILE_BYTES * snapshot.files.length + 2 * name.length,
  });

  /** @param name the name of the dictionary */
  async get(name: string, snapshot: FolderSnapshot, pace: Pace): Promise<FolderPlan> {
    const known = this.#plans.get(name);
    if (known?.snapshot === snapshot) return known;
    const plan = await FolderPlan.create(snapshot, known, pace);
    this.#plans.set(name, plan);
    return plan;
  }
}
