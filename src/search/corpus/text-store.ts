// Adds and removes texts, for uploads. A text appears with its whole content in one step.
import { constants, lstatSync } from 'node:fs';
import { link, open, rename, rm, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../../errors.js';
import { unknownDictionaryError } from './default-dictionary.js';
import { DictionaryRoot, isDictionaryName, type OpenFolder } from './dictionary-root.js';
import { namesWithSuffix } from './encodings.js';
import { partialFileName, removeAllStaleFiles, removeStaleFiles } from './partial-files.js';
import { invalidNameError, notATextError, textExistsError, toFolderError, toStoreError } from './text-store-errors.js';

/** NAME_MAX on Linux. */
const MAX_COMPONENT_BYTES = 255;

/** More are rejected, because each may fill `UPLOAD_MB` of the disk. */
const MAX_CONCURRENT_UPLOADS = 8;

/** Never executable. The umask may restrict it further. */
const FILE_MODE = 0o644;

export interface StoredText {
  bytes: number;
  /** Whether an existing text was replaced. */
  isReplaced: boolean;
}

export interface PutOptions {
  replace: boolean;
  /** Whether the caller may know of a dictionary, by its name in the list; by default, of all. */
  isVisible?: ((name: string) => boolean) | undefined;
}

/** Changes regular files only, and only in folders that exist. Never follows a symbolic link. */
export class TextStore {
  readonly #root: DictionaryRoot;
  readonly #uploads = new Set<Promise<unknown>>();

  private constructor(root: DictionaryRoot) {
    this.#root = root;
  }

  static async open(folder: string): Promise<TextStore> {
    return new TextStore(await DictionaryRoot.open(folder));
  }

  /**
   * Stores a text under a name. Throws `text_exists`, `invalid_request`, `unknown_folder`,
   * `unwritable_folder`, `disk_full`, `too_busy`, or the error of the body, and then leaves nothing.
   */
  async put(name: string, body: AsyncIterable<Buffer>, options: PutOptions): Promise<StoredText> {
    if (this.#uploads.size >= MAX_CONCURRENT_UPLOADS)
      throw new AppError('too_busy', `${MAX_CONCURRENT_UPLOADS} uploads are in progress. Try again later.`);
    const upload = this.#inFolder(name, (folder, file) => put({ name, folder, file, body, ...options }));
    this.#uploads.add(upload);
    return upload.finally(() => this.#uploads.delete(upload));
  }

  /** Throws `unknown_dictionary`, and the errors of `put`. */
  async remove(name: string): Promise<void> {
    await this.#inFolder(name, async (folder, file) => {
      if (!isText(folder, file, name)) throw unknownDictionaryError(name);
      await unlink(join(folder, file));
      await syncFolder(folder);
    });
  }

  /** Removes what crashes during uploads have left in any folder. Never rejects. */
  removeStaleFiles(): Promise<void> {
    return removeAllStaleFiles(this.#root.path);
  }

  /** Waits for the uploads in progress, which end soon if their connections are closed. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#uploads);
  }

  /** Keeps the folder of a text open, so that the text stays in it even if its path is replaced. */
  async #inFolder<Value>(name: string, work: (folder: string, file: string) => Promise<Value>): Promise<Value> {
    const file = basename(name);
    if (!isDictionaryName(name) || Buffer.byteLength(file) > MAX_COMPONENT_BYTES) throw invalidNameError(name);
    const folder = this.#openFolder(name.includes('/') ? dirname(name) : '');
    try {
      return await work(folder.path, file);
    } catch (error) {
      throw toStoreError(error, name);
    } finally {
      folder.close();
    }
  }

  #openFolder(path: string): OpenFolder {
    let folder: OpenFolder | undefined;
    try {
      folder = this.#root.openFolder(path);
      this.#root.assertTraversable(path);
      return folder;
    } catch (error) {
      folder?.close();
      throw toFolderError(error, path);
    }
  }
}

interface Upload extends PutOptions {
  name: string;
  folder: string;
  file: string;
  body: AsyncIterable<Buffer>;
}

async function put(upload: Upload): Promise<StoredText> {
  const { name, folder, file, body, replace } = upload;
  assertFree(upload);
  await removeStaleFiles(folder);
  const partial = join(folder, partialFileName());
  try {
    const bytes = await write(partial, body);
    const isReplaced = replace && isText(folder, file, name);
    // Unlike rename(2), link(2) never replaces a file.
    if (replace) await rename(partial, join(folder, file));
    else await link(partial, join(folder, file));
    return { bytes, isReplaced };
  } finally {
    await rm(partial, { force: true });
    await syncFolder(folder);
  }
}

/** Rejects a name before its body is received. The name may still be taken in the meantime. */
function assertFree({ name, folder, file, replace, isVisible = () => true }: Upload): void {
  // Files in a folder are as visible as the folder.
  const isKnown = (suffixed: string) => name.includes('/') || isVisible(suffixed);
  if (replace) isText(folder, file, name);
  else if ([file, ...namesWithSuffix(file).filter(isKnown)].some((each) => exists(folder, each)))
    throw textExistsError(name);
}

async function write(path: string, body: AsyncIterable<Buffer>): Promise<number> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, FILE_MODE);
  let bytes = 0;
  try {
    for await (const chunk of body) {
      await file.writeFile(chunk);
      bytes += chunk.length;
    }
    await file.sync();
    return bytes;
  } finally {
    await file.close();
  }
}

/** Makes a change of the folder survive a power failure. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  await handle.sync().finally(() => handle.close());
}

function exists(folder: string, file: string): boolean {
  return lstatSync(join(folder, file), { throwIfNoEntry: false }) !== undefined;
}

/** Returns `false` if there is nothing. Throws `invalid_request` for a folder, a link and the like. */
function isText(folder: string, file: string, name: string): boolean {
  const stats = lstatSync(join(folder, file), { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isFile()) throw notATextError(name);
  return stats !== undefined;
}
