// Odd and damaged compressed dictionaries. The reference is zcat: grepd returns the text that zcat
// prints, and fails if zcat does.
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { openEngine } from '../../src/search/open-engine.js';
import { engineOptions } from '../helpers/queries.js';
import { type RunningApp, startApp } from '../helpers/start-app.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

const MIB = 1024 * 1024;
const DAMAGED = /^The file ".*" (cannot be decompressed|decompresses to more than the limit)/;

const one = gzipSync('one love\n\n');
const two = gzipSync('two love\r\nthree');
/** Larger than the buffered beginning of an answer, and than one read of the file. */
const large = gzipSync(Array.from({ length: 60_000 }, (_, n) => `${n * 7919} love\n`).join(''));
const flipped = (bytes: Buffer, at: number) =>
  Buffer.concat([bytes.subarray(0, at), Buffer.from([(bytes.at(at) ?? 0) ^ 1]), bytes.subarray(at).subarray(1)]);

const files: Record<string, Buffer> = {
  'one member': one,
  'two members': Buffer.concat([one, two]),
  'many members': Buffer.concat(Array.from({ length: 500 }, () => one)),
  'an empty member first': Buffer.concat([gzipSync(''), one]),
  'an empty text': gzipSync(''),
  'trailing zeros': Buffer.concat([one, Buffer.alloc(70_000)]),
  'zeros between members': Buffer.concat([one, Buffer.alloc(512), two]),
  'zeros between members, more than one read': Buffer.concat([one, Buffer.alloc(100_000), two]),
  'zeros and then garbage': Buffer.concat([one, Buffer.alloc(3), Buffer.from('garbage')]),
  garbage: Buffer.concat([one, Buffer.from('garbage')]),
  'garbage after much data': Buffer.concat([large, Buffer.from('garbage')]),
  'no byte': Buffer.alloc(0),
  'one byte': one.subarray(0, 1),
  'half a header': one.subarray(0, 5),
  'half a text': one.subarray(0, 14),
  'half a trailer': one.subarray(0, -3),
  'half of much': large.subarray(0, large.length / 2),
  'half a second member': Buffer.concat([one, two.subarray(0, -4)]),
  'a header of a second member': Buffer.concat([one, two.subarray(0, 6)]),
  'a byte of a second member': Buffer.concat([one, two.subarray(0, 1)]),
  'a wrong checksum': flipped(one, one.length - 5),
  'a wrong length': flipped(one, one.length - 1),
  'a wrong checksum after much data': flipped(large, large.length - 5),
  'plain text': Buffer.from('two love\n'),
  zeros: Buffer.alloc(100),
  zlib: Buffer.from([0x78, 0x9c, 3, 0, 0, 0, 0, 1]),
  'a bomb': gzipSync(Buffer.alloc(4 * MIB, 'love\n'), { level: 9 }),
};

/** Returns the text, or `undefined` if zcat fails. */
function zcat(bytes: Buffer): string | undefined {
  const { status, stdout } = spawnSync('zcat', { input: bytes, maxBuffer: 64 * MIB });
  return status === 0 && stdout.length <= 2 * MIB ? stdout.toString() : undefined;
}

const linesOf = (text: string) => (text === '' ? [] : text.replace(/\n$/, '').split(/\r?\n/));

describe('a compressed dictionary', function () {
  this.timeout(60_000);
  let folder: TempFolder;
  let app: RunningApp;
  before(async () => {
    folder = await tempFolder();
    for (const [name, bytes] of Object.entries(files)) await write(name, bytes);
    const options = engineOptions({ dictionariesDir: folder.path, searchQueue: 100 });
    app = await startApp({ engine: await openEngine({ ...options, maxDecompressedBytes: 2 * MIB }) });
  });
  after(async () => {
    await app.close();
    await folder.remove();
  });

  /** Writes it alone, and between two plain files of a folder. */
  async function write(name: string, bytes: Buffer): Promise<void> {
    await mkdir(join(folder.path, `in ${name}`), { recursive: true });
    await writeFile(join(folder.path, `${name}.txt.gz`), bytes);
    await writeFile(join(folder.path, `in ${name}`, 'a.txt'), 'before love\n');
    await writeFile(join(folder.path, `in ${name}`, 'b.txt.gz'), bytes);
    await writeFile(join(folder.path, `in ${name}`, 'c.txt'), 'after love\n');
  }

  /** Returns the entries, or `undefined` if the answer is a failure or truncated. */
  async function send(request: object, headers: Record<string, string> = {}): Promise<unknown[] | undefined> {
    const response = await app.post(request, headers);
    const body = (await response.json()) as { message: string; results: unknown[]; truncated?: string };
    if (response.status !== 200) {
      expect([response.status, response.headers.get('retry-after')]).to.deep.equal([503, '60']);
      expect(body.message).to.match(DAMAGED);
      return undefined;
    }
    if (body.truncated !== undefined) expect(body.truncated).to.equal('damaged_dictionary');
    return body.truncated === undefined ? body.results : undefined;
  }

  const searches: [title: string, fields: object, select: (line: string) => boolean][] = [
    ['lines', {}, (line) => line.includes('love')],
    ['lines in any case', { ignore_case: true }, (line) => line.includes('love')],
    ['a regular expression', { syntax: 'regex', term: 'love$' }, (line) => line.endsWith('love')],
  ];
  /** Other forms of answers, which are only checked for being complete. */
  const others: [title: string, request: object][] = [
    ['objects', { action: 'search', term: 'love', format: 'object' }],
    ['contexts', { action: 'search', term: 'love', n_before: 1, n_after: 1 }],
    ['one entry of all', { action: 'search', term: 'love', nresults: 1 }],
    ['quotes', { action: 'search', term: 'love', unit: 'quote' }],
    ['every quote', { action: 'all', unit: 'quote' }],
    ['a draw', { action: 'all', order: 'random', nresults: 3 }],
  ];

  async function expectAnswers(name: string, bytes: Buffer): Promise<void> {
    const text = zcat(bytes);
    for (const [dictionary, around] of [
      [`${name}.txt`, (lines: string[]) => lines],
      [`in ${name}`, (lines: string[]) => ['before love', ...lines, 'after love']],
    ] as const) {
      const lines = text === undefined ? undefined : around(linesOf(text));
      expect(await send({ action: 'all', dictionary }), `all of ${dictionary}`).to.deep.equal(lines);
      for (const [title, fields, select] of searches) {
        const entries = await send({ action: 'search', term: 'love', dictionary, ...fields });
        expect(entries, `${title} of ${dictionary}`).to.deep.equal(lines?.filter(select));
      }
    }
  }

  for (const [name, bytes] of Object.entries(files)) {
    it(`(${name}) is answered as zcat decompresses it, or fails`, async () => {
      await expectAnswers(name, bytes);
      const isComplete = zcat(bytes) !== undefined;
      for (const dictionary of [`${name}.txt`, `in ${name}`]) {
        for (const [title, request] of others) {
          const entries = await send({ ...request, dictionary });
          expect(entries !== undefined, `${title} of ${dictionary}`).to.equal(isComplete);
        }
      }
    });

    it(`(${name}) has pages that show all of it, or that fail`, async () => {
      const status = zcat(bytes) === undefined ? 503 : 200;
      const pages = [`${name}.txt`, `in ${name}`].flatMap((dictionary) => {
        const query = new URLSearchParams({ dictionary });
        return [`/?term=love&${query}`, `/?order=random&nresults=5&${query}`];
      });
      for (const page of [`/d/${name}.txt`, `/d/in ${name}/b.txt`, `/d/${name}.txt.gz?line=1`, ...pages]) {
        const response = await fetch(app.url + page, { headers: { Accept: 'text/html' } });
        expect(response.status, page).to.equal(status);
        const text = await response.text();
        if (status === 503) expect(text, page).to.match(/cannot be decompressed|decompresses to more than the limit/);
      }
      // Its neighbors in the folder stay readable.
      expect((await fetch(`${app.url}/d/in ${name}/a.txt`)).status).to.equal(200);
      expect((await fetch(`${app.url}/d/in ${name}`)).status).to.equal(200);
    });
  }

  it('(random chunks) is answered as zcat decompresses it, or fails', async () => {
    const chunk = fc.oneof(
      fc.constantFrom(one, two, gzipSync(''), Buffer.alloc(1), Buffer.alloc(20), Buffer.from('x'), Buffer.from([0x1f])),
      fc.tuple(fc.constantFrom(one, two), fc.nat(40)).map(([bytes, length]) => bytes.subarray(0, length)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { minLength: 1, maxLength: 4 }), async (chunks) => {
        const bytes = Buffer.concat(chunks);
        await write('any', bytes);
        await expectAnswers('any', bytes);
      }),
      { seed: 1, numRuns: 30 },
    );
  });
});
