// The programs that every engine runs: grep, and ls for listings.
import type { Tracer } from '../../tracing/tracer.js';
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
  tracer?: Tracer | undefined;
}

export interface Programs {
  grep: Grep;
  lister: FolderLister;
}

/** Throws an OperatorError if GNU grep or the ls of GNU coreutils is missing. */
export async function openPrograms({ root, memoryBytes, counts, tracer }: ProgramOptions): Promise<Programs> {
  const { greps } = counts ?? createSearchCounts();
  const grep = { ...(await findGrep()), counts: greps, tracer };
  const lister = new FolderLister({ root, ls: await findLs(), memoryBytes });
  return { grep, lister };
}
