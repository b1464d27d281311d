import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { patternOfAny } from '../../../../src/search/engines/grep/batched-grep.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';
import { bytes, literal, WORDS } from '../generators.js';

const LARGE = 100 * 1024 * 1024;
const SPECIAL = [...'\\^$.*+?()[]{}|-/"\'&#~'];

describe('patternOfAny', () => {
  let folder: TempFolder;
  before(async () => {
    folder = await tempFolder();
  });
  after(() => folder.remove());

  it('is a regular expression only for many terms, and only if the text is large for their number', () => {
    const terms = (count: number) => Array.from({ length: count }, (_, n) => `term ${n}`);
    const kib = 1024;
    for (const [count, size, option] of [
      [7, LARGE, '-F'],
      [8, LARGE, '-E'],
      [8, 127 * kib, '-F'],
      [8, 128 * kib, '-E'],
      [100, 1_599 * kib, '-F'],
      [100, 1_600 * kib, '-E'],
    ] as const) {
      expect(patternOfAny(terms(count), size).options, `${count} terms in ${size} bytes`).to.deep.equal([option]);
    }
    expect(patternOfAny(terms(7), LARGE).terms).to.have.length(7);
    expect(patternOfAny(terms(8), LARGE).terms).to.have.length(1);
  });

  it('matches the same lines as fixed strings, whatever the terms contain', async () => {
    const path = join(folder.path, 'text');
    const term = fc.oneof(
      literal,
      fc.constantFrom(...WORDS),
      fc.array(fc.constantFrom(...SPECIAL, 'a', 'b'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')),
    );
    let found = 0;
    await fc.assert(
      fc.asyncProperty(bytes, fc.array(term, { minLength: 8, maxLength: 12 }), async (text, terms) => {
        const specials = `${SPECIAL.map((each) => `a${each}b`).join('\n')}\n`;
        await writeFile(path, Buffer.concat([text, Buffer.from(`\n${specials}`)]));
        const grep = async (size: number) => {
          const pattern = patternOfAny(terms, size);
          const patterns = pattern.terms.flatMap((each) => ['-e', each]);
          const args = ['-a', '-n', ...pattern.options, ...patterns, '--', path];
          const options = { env: { LC_ALL: 'C', PATH: process.env.PATH }, encoding: 'latin1' } as const;
          return promisify(execFile)('grep', args, options).catch((error) => error as { stdout: string });
        };
        const expected = await grep(0);
        expect((await grep(LARGE)).stdout, terms.join(' ')).to.equal(expected.stdout);
        if (expected.stdout !== '') found += 1;
      }),
      { numRuns: 150 },
    );
    expect(found).to.be.above(75);
  });
});
