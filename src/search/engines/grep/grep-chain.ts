// Applies the conditions of a pattern as a pipeline of greps: each reads the lines that the
// previous one selected. That is the fastest way to count lines, or to get only their texts.
import type { ResourceLimits } from '../../../process/resource-limits.js';
import { type Grep, type Pattern, runGrep } from '../../grep/run-grep.js';

export interface ChainOptions {
  pattern: Pattern;
  limits: ResourceLimits | undefined;
  signal: AbortSignal;
  /** Options for what the last grep prints. */
  output: readonly string[];
}

/** Whether one grep can decide on each condition. */
export function isChainable({ conditions = [] }: Pattern): boolean {
  return conditions.every(({ patterns }) => patterns.length === 1);
}

/** @param lines what grep printed for the terms of the pattern, without numbers and context */
export function chainGreps(
  grep: Grep,
  lines: AsyncGenerator<Buffer, void, void>,
  { pattern, limits, signal, output: lastOutput }: ChainOptions,
): AsyncGenerator<Buffer, void, void> {
  let output = lines;
  const { conditions = [] } = pattern;
  for (const [at, { patterns, isNegated }] of conditions.entries()) {
    const [first] = patterns as [Pattern];
    const next = isNegated ? { ...first, options: [...first.options, '-v'] } : first;
    const isLast = at === conditions.length - 1;
    const run = { pattern: next, output: isLast ? lastOutput : [], files: [], input: output, limits };
    output = runGrep(grep, run, signal);
  }
  return output;
}
