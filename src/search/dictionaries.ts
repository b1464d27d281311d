// Which dictionaries exist, and which files they are. The only place where a name from outside meets the file system.
import { createHash } from 'node:crypto';
import type { BigIntStats, Dirent } from 'node:fs';
import { access, constants, lstat, opendir, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { AppError, isExhausted } from '../errors.js';
import type { Dictionary, DictionaryList } from './engine.js';

/** Tells where texts come from; never a dictionary or a part of one. */
const SOURCES = 'SOURCES.md';

/** `quotes.txt` is also the name of a `quotes.txt.gz`, where there is no file of that name. */
const PACKED = '.gz';

export interface DictionaryFile {
  /** Relative to the root. */
  path: string;
  bytes: number;
  modifiedMs: number;
  /** Another one when the file was replaced. */
  id: string;
  /** Another one when the file was replaced, or its text changed. */
  version: string;
  /** When anything about it was changed last. */
  changedMs: number;
}

/** The time stamps of file systems are as coarse as this, at worst (vfat): what changes twice in it may look as if it had changed once. */
const COARSE_MS = 2_000;

/** The version of a dictionary with these files. Nothing where one has changed so lately that another change might not show. */
export function versionOfAll(
  files: readonly Pick<DictionaryFile, 'path' | 'version' | 'changedMs'>[],
  nowMs: number,
): string | undefined {
  if (files.some(({ changedMs }) => changedMs > nowMs - COARSE_MS)) return undefined;
  const version = files.map((file) => `${file.path} ${file.version}`).join('\0');
  return files.length === 1 ? version : createHash('sha256').update(version).digest('base64');
}

export function idOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

/** The change time (ctime) tells of a change also where the modification time was set back. */
export function versionOf(stats: BigIntStats): string {
  return `${idOf(stats)}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
}

export class Dictionaries {
  /** The folder itself, free of symbolic links. */
  readonly root: string;
  /** The one that is set. */
  readonly defaultName: string | undefined;

  private constructor(root: string, defaultName: string | undefined) {
    this.root = root;
    this.defaultName = defaultName;
  }

  static async open(folder: string, defaultName: string | undefined): Promise<Dictionaries> {
    return new Dictionaries(await realpath(folder), defaultName);
  }

  /** The files of a dictionary, in byte order of their path. Without a name: those of the default one. */
  async files(name?: string): Promise<DictionaryFile[]> {
    const known = name ?? this.defaultName ?? (await this.#first());
    if (known === undefined) throw new AppError('unknown_dictionary', 'There is no dictionary at all.');
    try {
      return await this.#find(known);
    } catch (error) {
      if (error instanceof Unreadable) {
        throw new AppError('unreadable_dictionary', `The dictionary ${JSON.stringify(known)} may not be read.`, {
          cause: error,
        });
      }
      if (error instanceof Absent) {
        throw new AppError('unknown_dictionary', `There is no dictionary named ${JSON.stringify(known)}.`, {
          cause: error,
        });
      }
      throw error;
    }
  }

  /** What lies directly in the root and can be searched, in byte order of the names. */
  async list(): Promise<DictionaryList> {
    const found = await mapSome(await this.#names(), (name) => this.#describe(name));
    const dictionaries = found.filter((dictionary) => dictionary !== undefined);
    const defaultName = this.defaultName ?? dictionaries[0]?.name;
    return { ...(defaultName !== undefined && { default: defaultName }), dictionaries };
  }

  /** The path of a folder, relative to the root and free of symbolic links; without a name that of the root itself. */
  async folder(name: string): Promise<string> {
    const called = JSON.stringify(name);
    try {
      if (name === '') {
        await this.#names();
        return '';
      }
      if (!isName(name)) throw new Absent();
      const real = await this.#real(name);
      const found = await this.#stat(real);
      if (found.isDirectory()) return real;
      if (!found.isFile()) throw new Absent();
      throw new AppError('not_a_folder', `${called} is a file, not a folder.`);
    } catch (error) {
      if (error instanceof Unreadable) throw unreadableFolder(name, error);
      if (!(error instanceof Absent)) throw error;
      throw new AppError('unknown_folder', `There is no folder named ${called}.`, { cause: error });
    }
  }

  /**
   * The names in a folder that are not for a listing: links to what is in no dictionary, special files, SOURCES.md. (Hidden files are
   * for one that asks for them.) The path is one that `folder` gave, or of a folder below it; nothing where it may not be read, or has
   * gone, or has a name that is not UTF-8 and so can't be told here.
   */
  async concealed(path: string, signal: AbortSignal): Promise<Set<string> | undefined> {
    const concealed = new Set<string>();
    let links: string[] = [];
    const follow = async () => {
      const found = await mapSome(links, (name) => this.#look(join(path, name)).catch(ifNotForUs));
      for (const [at, it] of found.entries()) {
        if (!it?.isFile() && !it?.isDirectory()) concealed.add(links[at] as string);
      }
      links = [];
    };
    try {
      await this.#goInto(dirname(path));
      await this.#stat(path);
      for await (const child of await opendir(join(this.root, path), { bufferSize: 1024 }).catch(fail)) {
        signal.throwIfAborted();
        if (child.isSymbolicLink()) links.push(child.name);
        else if (child.name === SOURCES || !(child.isFile() || child.isDirectory())) concealed.add(child.name);
        if (links.length >= AT_A_TIME) await follow();
      }
      await follow();
      return concealed;
    } catch (error) {
      return ifNotForUs(error);
    }
  }

  async #names(): Promise<string[]> {
    const names = await readdir(this.root).catch((cause) => {
      if (isExhausted(cause)) throw orTooBusy(cause);
      throw new AppError('no_dictionaries', 'The folder of dictionaries can not be read.', { cause });
    });
    return names.sort(inByteOrder);
  }

  async #first(): Promise<string | undefined> {
    for (const name of await this.#names()) {
      if ((await this.#describe(name)) !== undefined) return name;
    }
    return undefined;
  }

  /** Nothing where the name is not that of a dictionary that can be searched. */
  async #describe(name: string): Promise<Dictionary | undefined> {
    try {
      const files = await this.#find(name);
      await mapSome(files, ({ path }) => access(join(this.root, path), constants.R_OK));
      // A folder's own time counts too: it changes when a file is added or removed.
      const { mtimeMs } = await stat(join(this.root, name));
      return {
        name,
        files: files.length,
        bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
        modified: new Date(
          files.reduce((latest, { modifiedMs }) => Math.max(latest, modifiedMs), mtimeMs),
        ).toISOString(),
      };
    } catch {
      return undefined;
    }
  }

  async #find(name: string): Promise<DictionaryFile[]> {
    if (!isName(name)) throw new Absent();
    if (isTopName(name)) {
      // What is no link need not be looked up.
      const found = await lstat(join(this.root, name), { bigint: true }).catch(() => undefined);
      if (found?.isFile() && isReadable(found)) return [asFile(name, found)];
    }
    const packed = name + PACKED;
    const found = await this.#look(name).catch((error) => ifAbsent(error, undefined));
    if (found === undefined) {
      const file = await this.#look(packed);
      if (file.isFile()) return [asFile(packed, file)];
    } else if (found.isFile()) return [asFile(name, found)];
    else if (found.isDirectory()) return (await this.#walk(name)).sort((a, b) => inByteOrder(a.path, b.path));
    throw new Absent();
  }

  async #walk(folder: string): Promise<DictionaryFile[]> {
    const children = await readdir(join(this.root, folder), { withFileTypes: true }).catch(fail);
    // Names that are not UTF-8 may have become the same one.
    const byName = [...new Map(children.map((child) => [child.name, child])).values()];
    return (await mapSome(byName, (child) => this.#child(`${folder}/${child.name}`, child))).flat();
  }

  async #child(path: string, child: Dirent): Promise<DictionaryFile[]> {
    if (!isPart(child.name)) return [];
    try {
      const found = child.isSymbolicLink() ? await this.#look(path) : await this.#stat(path);
      if (found.isFile()) return [asFile(path, found)];
      // Like `grep -r`: a link to a folder is followed where the caller names it, not where it is met. So there are no loops.
      return child.isDirectory() ? await this.#walk(path) : [];
    } catch (error) {
      return ifAbsent(error, []);
    }
  }

  /** What is at a path that may be or pass through links. Absent where they lead to what is no part of any dictionary. */
  async #look(path: string): Promise<BigIntStats> {
    return this.#stat(await this.#real(path));
  }

  /** The path, free of links. Absent where it is that of no dictionary or a part of one. */
  async #real(path: string): Promise<string> {
    const real = relative(this.root, await realpath(join(this.root, path)).catch(fail));
    if (!isName(real)) throw new Absent();
    await this.#goInto(dirname(real));
    return real;
  }

  async #stat(path: string): Promise<BigIntStats> {
    const found = await stat(join(this.root, path), { bigint: true }).catch(fail);
    // root may read everything; what nobody was meant to read is not served by it either.
    const isFolder = found.isDirectory();
    if (isFolder || found.isFile()) {
      if (!isReadable(found) || (isFolder && (Number(found.mode) & ANY_SEARCH) === 0)) throw new Unreadable();
    }
    return found;
  }

  /** Nor is served what is in a folder that nobody was meant to go into. */
  async #goInto(folder: string): Promise<void> {
    for (let at = folder; at !== '.' && at !== ''; at = dirname(at)) {
      const { mode } = await stat(join(this.root, at)).catch(fail);
      if ((mode & ANY_SEARCH) === 0) throw new Unreadable();
    }
  }
}

export function unreadableFolder(name: string, cause: unknown): AppError {
  return new AppError('unreadable_folder', `The folder ${JSON.stringify(name)} may not be read.`, { cause });
}

/** Whether anyone may read it. */
export function isReadable({ mode }: BigIntStats): boolean {
  return (Number(mode) & ANY_READ) !== 0;
}

/** Whether a name is that of something that lies directly in the root. */
export function isTopName(name: string): boolean {
  return isName(name) && !name.includes('/');
}

const ANY_READ = 0o444;
const ANY_SEARCH = 0o111;

const AT_A_TIME = 64;

/** Does something with each, a few at a time: thousands of files must not keep others waiting. */
async function mapSome<From, To>(all: From[], work: (each: From) => Promise<To>): Promise<To[]> {
  const results: To[] = [];
  for (let at = 0; at < all.length; at += AT_A_TIME) {
    results.push(...(await Promise.all(all.slice(at, at + AT_A_TIME).map(work))));
  }
  return results;
}

class Absent extends Error {}
class Unreadable extends Error {}

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

function fail(error: unknown): never {
  if (isDenied(error)) throw new Unreadable(undefined, { cause: error });
  if (isAbsent(error)) throw new Absent(undefined, { cause: error });
  throw orTooBusy(error);
}

/** What the system can't do just now is no bug. */
export function orTooBusy(error: unknown): unknown {
  if (!isExhausted(error)) return error;
  return new AppError('too_busy', 'The machine can open no more files just now.', { cause: error });
}

/** Whether the system says that something may not be read. */
export function isDenied(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM';
}

/** Whether the system says that there is no such thing. */
export function isAbsent(error: unknown): boolean {
  return ABSENT.has((error as NodeJS.ErrnoException).code ?? '');
}

/** Nothing, where something is not there or may not be read. */
function ifNotForUs(error: unknown): undefined {
  if (error instanceof Absent || error instanceof Unreadable) return undefined;
  throw error;
}

function ifAbsent<Value>(error: unknown, value: Value): Value {
  if (error instanceof Absent) return value;
  throw error;
}

/** Whether a name can be that of a dictionary: parts with `/` between, none of them empty, hidden, `.` or `..`. */
function isName(name: string): boolean {
  return !name.includes('\0') && name.split('/').every(isPart);
}

function isPart(part: string): boolean {
  return part !== '' && !part.startsWith('.') && part !== SOURCES;
}

export function asFile(path: string, stats: BigIntStats): DictionaryFile {
  const { size, mtimeMs } = stats;
  const times = { modifiedMs: Number(mtimeMs), changedMs: Number(stats.ctimeMs) };
  return { path, bytes: Number(size), ...times, id: idOf(stats), version: versionOf(stats) };
}

// JavaScript compares UTF-16 code units, which puts U+10000 and above before U+E000.
function inByteOrder(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
