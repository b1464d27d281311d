// The programs that every engine runs: grep, and ls for listings.
import type { DictionaryRoot } from '../corpus/dictionary-root.js';
import { findGrep } from '../grep/find-grep.js';
import type { Grep } from '../grep/run-grep.js';
import { FolderLister } from '../ls/folder-lister.js';
import { findLs } from '../ls/run-ls.js';
import { createSearchCounts, type SearchCounts } from '../search-counts.js';

export interface ProgramOptions {
  root: DictionaryRoot;
  /** The maximum memory of one listing. */
  memoryBytes: number;
  counts?: SearchCounts | undefined;
}

export interface Programs {
  grep: Grep;
  lister: FolderLister;
}

/** Throws an OperatorError if GNU grep or the ls of GNU coreutils is missing. */
export async function openPrograms({ root, memoryBytes, counts }: ProgramOptions): Promise<Programs> {
  const { greps } = counts ?? createSearchCounts();
  const grep = { ...(await findGrep()), counts: greps };
  const lister = new FolderLister({ root, ls: await findLs(), memoryBytes });
  return { grep, lister };
}
