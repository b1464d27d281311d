// The manifest of a loaded dictionary: its files, and the range of lines that each has. Resolves
// names to files.
import { AppError, type ErrorCode } from '../../../../errors.js';
import { noDictionaryError, unknownDictionaryError } from '../../../corpus/default-dictionary.js';
import { computeFingerprint } from '../../../corpus/dictionary-file.js';
import { isDictionaryName } from '../../../corpus/dictionary-root.js';
import { distinctDictionaries } from '../../../corpus/distinct-dictionaries.js';
import { namesWithSuffix } from '../../../corpus/encodings.js';
import { createNameFilter } from '../../../corpus/name-filter.js';
import { globsOfAll, namesIn } from '../../../dictionary-selector.js';
import type { Dictionary, Unit } from '../../../engine.js';

export interface LoadedFile {
  path: string;
  /** The size of the file on disk, which may be compressed. */
  bytes: number;
  modifiedMs: number;
  /** The numbers of lines and quotes in the files before it. */
  linesBefore: number;
  quotesBefore: number;
  lines: number;
  quotes: number;
  /** Why the file couldn't be loaded. It then has no lines. */
  problem?: Problem;
}

export interface Problem {
  code: Extract<ErrorCode, 'damaged_dictionary' | 'unreadable_dictionary'>;
  message: string;
}

/** Stored as JSON. */
export interface Manifest {
  files: LoadedFile[];
  /** The paths of the folders in the dictionary. */
  folders: string[];
  /** The last change of its files or its folder. */
  modifiedMs: number;
}

/** The current load of a dictionary in the catalog. */
export interface LoadedDictionary {
  name: string;
  /** Unique to this load. */
  generation: number;
  manifest: Manifest;
}

/** A dictionary, or a folder or file in one. Its files are consecutive. */
export interface LoadedText {
  generation: number;
  files: readonly LoadedFile[];
}

/** A text under the name by which a request selects it. */
export interface NamedText extends LoadedText {
  name: string;
}

/** What a query reads of a text. */
export interface SelectedText extends NamedText {
  /** The files to read, in order. */
  selected: readonly LoadedFile[];
}

/** A range of numbers of lines or quotes, including both ends. */
export type NumberRange = [first: number, last: number];

/**
 * Returns the texts that a selector selects, in byte order of their paths. Throws
 * `unknown_dictionary`.
 */
export function selectTexts(catalog: ReadonlyMap<string, LoadedDictionary>, selector: string): NamedText[] {
  const globs = globsOfAll(selector);
  const names = globs === undefined ? namesIn(selector) : readableNames(catalog).filter(createNameFilter(globs));
  const texts = names.map((name) => ({ name, ...findText(catalog, name) }));
  if (texts.length === 0) throw noDictionaryError();
  const distinct = distinctDictionaries(texts);
  // The cluster must still check the query.
  return distinct.length === 0 ? texts.slice(0, 1) : distinct;
}

function readableNames(catalog: ReadonlyMap<string, LoadedDictionary>): string[] {
  return [...catalog.values()].filter(toDictionary).map(({ name }) => name);
}

/** Throws `unknown_dictionary`. */
function findText(catalog: ReadonlyMap<string, LoadedDictionary>, name: string): LoadedText {
  if (isDictionaryName(name)) {
    for (const each of [name, ...namesWithSuffix(name)]) {
      const found = lookUp(catalog, each);
      if (found !== undefined) return found;
    }
  }
  throw unknownDictionaryError(name);
}

function lookUp(catalog: ReadonlyMap<string, LoadedDictionary>, name: string): LoadedText | undefined {
  const [top = ''] = name.split('/', 1);
  const loaded = catalog.get(top);
  if (loaded === undefined) return undefined;
  const { generation, manifest } = loaded;
  if (name === top) return { generation, files: manifest.files };
  const below = `${name}/`;
  const files = manifest.files.filter(({ path }) => path === name || path.startsWith(below));
  if (files.length > 0 || manifest.folders.includes(name)) return { generation, files };
  // A single entry represents an unreadable folder and everything in it.
  const unreadable = manifest.files.filter(({ path, problem }) => problem !== undefined && name.startsWith(`${path}/`));
  return unreadable[0]?.problem?.code === 'unreadable_dictionary' ? { generation, files: unreadable } : undefined;
}

/** Throws the problem of one of its files, if any. With a `code`, ignores other problems. */
export function assertNoProblem({ files }: Pick<LoadedText, 'files'>, code?: Problem['code']): void {
  const problems = files.flatMap(({ problem }) => problem ?? []);
  const problem = code === undefined ? problems[0] : problems.find((each) => each.code === code);
  if (problem !== undefined) throw new AppError(problem.code, problem.message);
}

/** Returns `undefined` if a file isn't readable. */
export function toDictionary({ name, manifest: { files, modifiedMs } }: LoadedDictionary): Dictionary | undefined {
  if (files.some(({ problem }) => problem?.code === 'unreadable_dictionary')) return undefined;
  return {
    name,
    files: files.length,
    bytes: bytesOf(files),
    modified: new Date(modifiedMs).toISOString(),
    version: computeFingerprint(name, files),
    index: 'none',
    // The loader has decoded the texts.
    encoding: 'utf-8',
  };
}

export function bytesOf(files: readonly Pick<LoadedFile, 'bytes'>[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * Returns the numbers of the lines or quotes in some files, counted from 1 in the dictionary. Those
 * of consecutive files are one range. A file without any has none.
 */
export function rangesOf(files: readonly LoadedFile[], unit: Unit): NumberRange[] {
  const ranges: NumberRange[] = [];
  for (const { linesBefore, lines, quotesBefore, quotes } of files) {
    const [before, count] = unit === 'quote' ? [quotesBefore, quotes] : [linesBefore, lines];
    if (count === 0) continue;
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === before) last[1] += count;
    else ranges.push([before + 1, before + count]);
  }
  return ranges;
}

/** Returns the numbers at the positions from `start` to before `end` in all ranges together. */
export function sliceRanges(ranges: readonly NumberRange[], start: number, end: number): NumberRange[] {
  let before = 0;
  return ranges.flatMap(([first, last]) => {
    const from = first + Math.max(0, start - before);
    const to = Math.min(last, first + end - before - 1);
    before += last - first + 1;
    return from <= to ? [[from, to] as NumberRange] : [];
  });
}

export function countOf(ranges: readonly NumberRange[]): number {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** A load never changes, so its generation identifies the content. */
export function versionOf({ generation, files }: LoadedText): string {
  return `${generation} ${files[0]?.path} ${files.length}`;
}
