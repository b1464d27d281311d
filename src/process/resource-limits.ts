// Limits for external programs, set by programs of util-linux. Each sets its limit for itself and
// then becomes the limited program.
import { constants, setPriority } from 'node:os';
import { findProgram } from './find-program.js';
import { probe } from './probe.js';

/**
 * A limited program also has a lower priority, and is killed when the worker dies. Setting this
 * up takes about twice as long as starting the program.
 */
export interface ResourceLimits {
  /** By default, there is no limit. */
  memoryBytes?: number;
}

interface Wrappers {
  /** The programs that this machine lacks. */
  missing: string[];
  /** The beginning of the command line of a limited program. */
  command: (limits: ResourceLimits) => string[];
}

/** For setpriv(1): the kernel kills the program when its parent thread exits (PR_SET_PDEATHSIG). */
const KILL_WITH_PARENT = ['--pdeathsig', 'KILL', '--'];

let wrappers: Promise<Wrappers> | undefined;

/** Finds setpriv and prlimit, once per process. */
export function findWrappers(): Promise<Wrappers> {
  wrappers ??= (async () => {
    const setpriv = await findWorking('setpriv', KILL_WITH_PARENT);
    const prlimit = await findWorking('prlimit', ['--as=1000000000']);
    return {
      missing: [...(setpriv === undefined ? ['setpriv'] : []), ...(prlimit === undefined ? ['prlimit'] : [])],
      // prlimit(1) makes allocations beyond the limit fail, which the program then reports itself.
      command: ({ memoryBytes }) => [
        ...(setpriv === undefined ? [] : [setpriv, ...KILL_WITH_PARENT]),
        ...(prlimit === undefined || memoryBytes === undefined ? [] : [prlimit, `--as=${memoryBytes}`]),
      ],
    };
  })();
  return wrappers;
}

/** Returns `undefined` if the program is missing, or can't run itself with these arguments. */
async function findWorking(name: string, args: readonly string[]): Promise<string | undefined> {
  const program = await findProgram(name);
  if (program === undefined) return undefined;
  return probe(program, [...args, program, '--version']).then(
    () => program,
    () => undefined,
  );
}

export function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // The process has already exited.
  }
}
