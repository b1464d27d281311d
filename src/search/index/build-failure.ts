// Says why an index could not be built, and what to do.
import { NoRoomError } from './no-room-error.js';

const ADVICE: Partial<Record<string, string>> = {
  ENOSPC: 'The disk of INDEX_DIR is full. Make room, or set INDEX_DIR to another disk',
  EDQUOT: 'The disk quota in INDEX_DIR is exhausted. Make room, or set INDEX_DIR to another disk',
  EROFS: 'INDEX_DIR is on a read-only file system. Set it to a folder that grepd can write to',
  EACCES: 'INDEX_DIR is not writable. Give grepd permission, or set it to another folder',
  EPERM: 'INDEX_DIR is not writable. Give grepd permission, or set it to another folder',
  // Node.js reports a read-only file system like this when it creates a folder and those above it.
  ENOENT: "INDEX_DIR can't be created, as on a read-only file system. Set it to a folder that grepd can write to",
  ENOTDIR: 'INDEX_DIR is not a folder. Set it to a folder that grepd can write to',
};

export function renderBuildFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof NoRoomError) return `${error.message}. Raise INDEX_MAX_MB, or drop other indexes.`;
  const advice = ADVICE[(error as NodeJS.ErrnoException).code ?? ''];
  return advice === undefined ? error.message : `${advice}: ${error.message}.`;
}
