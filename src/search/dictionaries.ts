// Which dictionaries exist, and which files they are.
import { type BigIntStats, type Dirent, lstatSync } from 'node:fs';
import { access, constants, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { AppError } from '../errors.js';
import { asFile, type DictionaryFile, isSame, tellVersion } from './dictionary-file.js';
import type { Dictionary, DictionaryList } from './engine.js';
import { mapSome } from './map-some.js';
import {
  Absent,
  fail,
  ifAbsent,
  inByteOrder,
  isName,
  isPart,
  isReadable,
  isTopName,
  Root,
  Unreadable,
} from './root.js';

/** `quotes.txt` is also the name of a `quotes.txt.gz`, where there is no file of that name. */
const PACKED = '.gz';

const LOOK = { bigint: true, throwIfNoEntry: false } as const;
const MOST_TOP_FILES = 1_000;

export class Dictionaries {
  readonly root: Root;
  /** As they were found last: most stay the same. */
  readonly #topFiles = new LRUCache<string, { stats: BigIntStats; file: DictionaryFile }>({ max: MOST_TOP_FILES });
  /** The one that is set. */
  readonly defaultName: string | undefined;

  private constructor(root: Root, defaultName: string | undefined) {
    this.root = root;
    this.defaultName = defaultName;
  }

  static async open(folder: string, defaultName: string | undefined): Promise<Dictionaries> {
    return new Dictionaries(await Root.open(folder), defaultName);
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

  /**
   * The file of a dictionary that is one, lies directly in the root and is no link: by far the most are. There is nothing to be looked up for it, so that asking
   * the system takes less time than a detour by libuv's threads. Nothing where it is anything else, or may not be read.
   */
  topFile(name = this.defaultName): DictionaryFile | undefined {
    if (name === undefined || !isTopName(name)) return undefined;
    let found: BigIntStats | undefined;
    try {
      found = lstatSync(`${this.root.path}/${name}`, LOOK);
    } catch {
      // Who looks it up again is told why.
    }
    if (found === undefined || !found.isFile() || !isReadable(found)) return undefined;
    const known = this.#topFiles.get(name);
    if (known !== undefined && isSame(known.stats, found)) return known.file;
    const file = asFile(name, found);
    this.#topFiles.set(name, { stats: found, file });
    return file;
  }

  /** What lies directly in the root and can be searched, in byte order of the names. */
  async list(): Promise<DictionaryList> {
    const found = await mapSome(await this.root.names(), (name) => this.#describe(name));
    const dictionaries = found.filter((dictionary) => dictionary !== undefined);
    const defaultName = this.defaultName ?? dictionaries[0]?.name;
    return { ...(defaultName !== undefined && { default: defaultName }), dictionaries };
  }

  async #first(): Promise<string | undefined> {
    for (const name of await this.root.names()) {
      if ((await this.#describe(name)) !== undefined) return name;
    }
    return undefined;
  }

  /** Nothing where the name is not that of a dictionary that can be searched. */
  async #describe(name: string): Promise<Dictionary | undefined> {
    try {
      const files = await this.#find(name);
      await mapSome(files, ({ path }) => access(join(this.root.path, path), constants.R_OK));
      // A folder's own time counts too: it changes when a file is added or removed.
      const { mtimeMs } = await stat(join(this.root.path, name));
      return {
        name,
        files: files.length,
        bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
        modified: new Date(
          files.reduce((latest, { modifiedMs }) => Math.max(latest, modifiedMs), mtimeMs),
        ).toISOString(),
        version: tellVersion(name, files),
      };
    } catch {
      return undefined;
    }
  }

  async #find(name: string): Promise<DictionaryFile[]> {
    if (!isName(name)) throw new Absent();
    const file = this.topFile(name);
    if (file !== undefined) return [file];
    const packed = name + PACKED;
    const found = await this.root.look(name).catch((error) => ifAbsent(error, undefined));
    if (found === undefined) {
      const file = await this.root.look(packed);
      if (file.isFile()) return [asFile(packed, file)];
    } else if (found.isFile()) return [asFile(name, found)];
    else if (found.isDirectory()) return (await this.#walk(name)).sort((a, b) => inByteOrder(a.path, b.path));
    throw new Absent();
  }

  async #walk(folder: string): Promise<DictionaryFile[]> {
    const children = await readdir(join(this.root.path, folder), { withFileTypes: true }).catch(fail);
    // Names that are not UTF-8 may have become the same one.
    const byName = [...new Map(children.map((child) => [child.name, child])).values()];
    return (await mapSome(byName, (child) => this.#child(`${folder}/${child.name}`, child))).flat();
  }

  async #child(path: string, child: Dirent): Promise<DictionaryFile[]> {
    if (!isPart(child.name)) return [];
    try {
      const found = child.isSymbolicLink() ? await this.root.look(path) : await this.root.stat(path);
      if (found.isFile()) return [asFile(path, found)];
      // Like `grep -r`: a link to a folder is followed where the caller names it, not where it is met. So there are no loops.
      return child.isDirectory() ? await this.#walk(path) : [];
    } catch (error) {
      return ifAbsent(error, []);
    }
  }
}
