// What is known of a dictionary beside its lines: its files, where in the dictionary each begins, and which of them a name means.
import { AppError, type ErrorCode } from '../../../../errors.js';
import { unknownDictionaryError } from '../../../corpus/default-dictionary.js';
import { computeFingerprint } from '../../../corpus/dictionary-file.js';
import { isName } from '../../../corpus/dictionary-root.js';
import { packedNameOf } from '../../../corpus/packed.js';
import type { Dictionary } from '../../../engine.js';

/** A file as it was loaded. */
export interface LoadedFile {
  path: string;
  /** Its size, packed where it is packed. */
  bytes: number;
  modifiedMs: number;
  /** How many lines and quotes the files before it have. */
  linesBefore: number;
  quotesBefore: number;
  lines: number;
  quotes: number;
  /** Why it could not be loaded. Then it has no lines. */
  problem?: Problem;
}

export interface Problem {
  code: Extract<ErrorCode, 'damaged_dictionary' | 'unreadable_dictionary'>;
  message: string;
}

/** A dictionary as it was loaded: stored as JSON. */
export interface Manifest {
  files: LoadedFile[];
  /** The paths of folders in it. */
  folders: string[];
  /** When it last changed, of its files and folder. */
  modifiedMs: number;
}

/** A dictionary that can be searched, as the catalog has it. */
export interface Loaded {
  name: string;
  /** The number of this load. No other one has it. */
  generation: number;
  manifest: Manifest;
}

/** What a name stands for: all of a dictionary, a folder of it or one of its files. Its files stand in a row. */
export interface LoadedText {
  generation: number;
  files: readonly LoadedFile[];
}

/** Throws `unknown_dictionary`, or what the problem with one of the files is. */
export function findText(known: ReadonlyMap<string, Loaded>, name: string): LoadedText {
  const found = isName(name) ? (lookUp(known, name) ?? lookUp(known, packedNameOf(name))) : undefined;
  if (found === undefined) throw unknownDictionaryError(name);
  return found;
}

function lookUp(known: ReadonlyMap<string, Loaded>, name: string): LoadedText | undefined {
  const [top = ''] = name.split('/', 1);
  const loaded = known.get(top);
  if (loaded === undefined) return undefined;
  const { generation, manifest } = loaded;
  if (name === top) return { generation, files: manifest.files };
  const below = `${name}/`;
  const files = manifest.files.filter(({ path }) => path === name || path.startsWith(below));
  if (files.length > 0 || manifest.folders.includes(name)) return { generation, files };
  // A folder that may not be read stands for all that is in it.
  const shut = manifest.files.filter(({ path, problem }) => problem !== undefined && name.startsWith(`${path}/`));
  return shut.length > 0 && shut[0]?.problem?.code === 'unreadable_dictionary'
    ? { generation, files: shut }
    : undefined;
}

/** Throws the problem that a file of it has. */
export function checkText({ files }: LoadedText, code?: Problem['code']): void {
  const problem = files.find(
    (file) => file.problem !== undefined && (code === undefined || file.problem.code === code),
  )?.problem;
  if (problem !== undefined) throw new AppError(problem.code, problem.message);
}

/** Nothing where it may not be read. */
export function describe({ name, manifest: { files, modifiedMs } }: Loaded): Dictionary | undefined {
  if (files.some(({ problem }) => problem?.code === 'unreadable_dictionary')) return undefined;
  return {
    name,
    files: files.length,
    bytes: bytesOf(files),
    modified: new Date(modifiedMs).toISOString(),
    version: computeFingerprint(name, files),
  };
}

export function bytesOf(files: readonly Pick<LoadedFile, 'bytes'>[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The first and the last of its lines, counted from 1 in the dictionary. The last is before the first where there are none. */
export function linesOf({ files }: Pick<LoadedText, 'files'>): [first: number, last: number] {
  const first = files[0]?.linesBefore ?? 0;
  const last = files.at(-1);
  return [first + 1, last === undefined ? first : last.linesBefore + last.lines];
}

/** The same of its quotes. */
export function quotesOf({ files }: Pick<LoadedText, 'files'>): [first: number, last: number] {
  const first = files[0]?.quotesBefore ?? 0;
  const last = files.at(-1);
  return [first + 1, last === undefined ? first : last.quotesBefore + last.quotes];
}

/** A load never changes: what is found in it is of one version. */
export function versionOf({ generation, files }: LoadedText): string {
  return `${generation} ${files[0]?.path} ${files.length}`;
}
