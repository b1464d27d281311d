// Files of a settled folder that grep opens by their names, as `grep -r` does. Unlike grep, which
// follows a link that replaces a file, grepd verifies that nothing was replaced before it uses
// what grep printed.
import { changedDictionaryError } from '../../corpus/default-dictionary.js';
import { type DictionaryRoot, NotFoundError, type OpenFolder } from '../../corpus/dictionary-root.js';
import type { FolderSnapshot } from '../../corpus/folder-snapshot.js';
import { Pace } from '../../corpus/pace.js';
import { DASH_OPERAND, type Run } from './folder-plan.js';
import { type GrepFiles, maxFilesPerGrep, OpenFiles } from './open-files.js';

export interface NamedFilesOptions {
  root: DictionaryRoot;
  /** The name of the dictionary. */
  name: string;
  snapshot: FolderSnapshot;
  run: Run;
  signal: AbortSignal;
}

/** Verifying more folders for each part of the output takes too long. */
const MAX_FOLDERS = 256;

/** Whether grep can open the files by their names in the folder that grepd has opened. */
export function mayOpenByName({ isSettled, nrOfFolders }: FolderSnapshot): boolean {
  return maxFilesPerGrep > 0 && isSettled && nrOfFolders <= MAX_FOLDERS;
}

export class NamedFiles implements GrepFiles {
  readonly operands: readonly string[];
  readonly #options: NamedFilesOptions;
  readonly #folder: OpenFolder;
  readonly #opened: OpenFiles;

  private constructor(options: NamedFilesOptions, folder: OpenFolder, opened: OpenFiles) {
    this.#options = options;
    this.#folder = folder;
    this.#opened = opened;
    const paths = opened.names.keys();
    this.operands = options.run.names.map((name) => name ?? (paths.next().value as string));
  }

  /**
   * Throws NotFoundError if the folder has changed, ForbiddenError, `too_busy`, or the signal's
   * reason. Returns `undefined` if a file can't be copied.
   */
  static async open(options: NamedFilesOptions): Promise<NamedFiles | undefined> {
    const { root, snapshot, run, signal } = options;
    const special = run.files.filter((_, index) => run.names[index] === undefined);
    const opened = await OpenFiles.open(root, special, signal);
    let folder: OpenFolder | undefined;
    try {
      folder = root.openFolder(snapshot.realPath);
      if (!snapshot.isFolder(folder.stats)) throw new NotFoundError();
      if (opened.names.size === special.length) return new NamedFiles(options, folder, opened);
    } catch (error) {
      folder?.close();
      opened.close();
      throw error;
    }
    folder.close();
    opened.close();
    return undefined;
  }

  get cwd(): string {
    return this.#folder.path;
  }

  pathOf(printed: string): string {
    return this.#opened.names.get(printed) ?? `${this.#options.name}/${printed === DASH_OPERAND ? '-' : printed}`;
  }

  /** Throws `dictionary_changed` if a file that grep has opened may not be one of the folder. */
  async verify(): Promise<void> {
    const { name, snapshot, signal } = this.#options;
    if (!(await snapshot.hasSameFolders(new Pace(signal)))) throw changedDictionaryError(name);
  }

  close(): void {
    this.#folder.close();
    this.#opened.close();
  }
}
