// How long the arguments of a program may be.
import { readFileSync } from 'node:fs';

const MIN_BYTES = 128 * 1024;
const MAX_BYTES = 6 * 1024 * 1024;
/** For the environment and the other arguments. */
const RESERVED_BYTES = 64 * 1024;
/** What an argument takes beside its text: NUL, and a pointer. */
export const ARGUMENT_OVERHEAD_BYTES = 9;

/**
 * The maximum length of a list of arguments, with their overhead. Linux allows a quarter of the
 * stack's limit, within bounds (execve(2)).
 */
export const maxArgumentsBytes =
  Math.max(MIN_BYTES, Math.min(MAX_BYTES, Math.floor(stackBytes() / 4))) - RESERVED_BYTES;

function stackBytes(): number {
  try {
    const [, limit = ''] = /^Max stack size +(\w+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
  } catch {
    return 0;
  }
}
