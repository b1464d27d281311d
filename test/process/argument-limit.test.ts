import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { ARGUMENT_OVERHEAD_BYTES, maxArgumentsBytes } from '../../src/process/argument-limit.js';

describe('maxArgumentsBytes', () => {
  /** Starts a program with arguments of this length that take so many bytes in total. */
  function startWith(bytes: number, length: number): string | undefined {
    const count = Math.floor(bytes / (length + ARGUMENT_OVERHEAD_BYTES));
    const { error, status } = spawnSync(
      '/bin/true',
      Array.from({ length: count }, () => 'x'.repeat(length)),
    );
    if (error !== undefined) return (error as NodeJS.ErrnoException).code;
    return status === 0 ? 'started' : undefined;
  }

  for (const length of [1, 100, 4_000]) {
    it(`is a length with which a program starts: arguments of ${length} bytes`, () => {
      expect(startWith(maxArgumentsBytes, length)).to.equal('started');
    });
  }

  it('is at least half of what the kernel allows', () => {
    expect(startWith(2 * maxArgumentsBytes + 128 * 1024, 100)).to.equal('E2BIG');
  });
});
