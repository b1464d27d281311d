// Runs an asynchronous function step by step, so that a test can do something between any two.
import { createHook } from 'node:async_hooks';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** The synchronous system calls with which grepd looks at files. */
const CALLS = ['accessSync', 'fstatSync', 'lstatSync', 'openSync', 'readSync', 'readlinkSync', 'statSync'] as const;

type AnyCall = (...parameters: unknown[]) => unknown;

/**
 * Calls `onStep` with 1, 2, 3, … before each callback of the event loop, each continuation of a
 * promise and each synchronous system call while `work` runs. What `onStep` does isn't a step.
 */
export async function runInSteps<Value>(work: () => Promise<Value>, onStep: (step: number) => void): Promise<Value> {
  let steps = 0;
  let isInStep = false;
  const failures: unknown[] = [];
  const step = () => {
    if (isInStep) return;
    isInStep = true;
    steps += 1;
    try {
      onStep(steps);
    } catch (error) {
      // In a hook, it would end the process.
      failures.push(error);
    }
    isInStep = false;
  };
  const calls = fs as unknown as Record<string, AnyCall>;
  const originals = CALLS.map((name) => [name, calls[name] as AnyCall] as const);
  for (const [name, original] of originals) {
    calls[name] = (...parameters) => {
      step();
      return original(...parameters);
    };
  }
  syncBuiltinESMExports();
  const hook = createHook({ before: step }).enable();
  try {
    const value = await work();
    if (failures.length > 0) throw failures[0];
    return value;
  } finally {
    hook.disable();
    for (const [name, original] of originals) calls[name] = original;
    syncBuiltinESMExports();
  }
}
