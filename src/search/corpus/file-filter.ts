// Which files of a dictionary a query reads: globs for their paths.
import { basename } from 'node:path';
import { createGlob, matchesAll, type Part } from './glob.js';
import type { Pace } from './pace.js';

/**
 * Returns a function that checks whether to read a file, by its path. Each glob is compared with
 * the path within the dictionary, or with the base name if the dictionary is a single file:
 *
 * - Wildcards are those of `createGlob`, but none matches `/`. `**` between slashes matches any
 *   number of folders, and at the end everything in a folder.
 * - A glob without `/` is compared with the base name, as by `grep --include`. A leading `/` keeps
 *   a glob from matching in subfolders.
 * - A leading `!` excludes the files that the rest matches. `\!` is a literal `!`.
 *
 * Reads the files that any including glob matches, or all if there are only excluding ones, except
 * those that any excluding glob matches.
 */
export function createFileFilter(globs: readonly string[], dictionary: string): (path: string) => boolean {
  const excluding = globs.filter((glob) => glob.startsWith('!'));
  const excluded = excluding.map((glob) => createPathGlob(glob.slice(1)));
  const included = globs.filter((glob) => !glob.startsWith('!')).map(createPathGlob);
  const folder = `${dictionary}/`;
  return (path) => {
    const names = (path.startsWith(folder) ? path.slice(folder.length) : basename(path)).split('/');
    const isIncluded = included.length === 0 || included.some((matches) => matches(names));
    return isIncluded && !excluded.some((matches) => matches(names));
  };
}

/** Checks a path, as the names of its folders and of the file. */
type PathGlob = (names: readonly string[]) => boolean;

function createPathGlob(glob: string): PathGlob {
  const pattern = withPlainSlashes(glob);
  if (!pattern.includes('/')) {
    const matches = createGlob(pattern);
    return (names) => matches(names.at(-1) as string);
  }
  const globs = pattern.replace(/^\//, '').split('/');
  const parts = globs.map((each): Part<string> => (each === '**' ? '*' : createGlob(each)));
  // The last name is that of a file.
  if (parts.at(-1) === '*') parts.push(() => true);
  return (names) => matchesAll(parts, names);
}

/** Removes the `\` before each escaped `/`, which separates names all the same. */
function withPlainSlashes(glob: string): string {
  return glob.replace(/\\(.)/gs, (escaped, character: string) => (character === '/' ? character : escaped));
}

/**
 * Returns the files to read, in their order: the given array itself if that is all of them. Throws
 * the signal's reason.
 *
 * @param globs `undefined` means all files
 */
export async function selectFiles<File extends { path: string }>(
  files: readonly File[],
  globs: readonly string[] | undefined,
  dictionary: string,
  pace: Pace,
): Promise<readonly File[]> {
  if (globs === undefined) return files;
  const isSelected = createFileFilter(globs, dictionary);
  const selected: File[] = [];
  for (const file of files) {
    if (pace.isExpired) await pace.yieldToEventLoop();
    if (isSelected(file.path)) selected.push(file);
  }
  return selected.length === files.length ? files : selected;
}
