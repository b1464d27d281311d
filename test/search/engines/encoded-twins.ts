// Compares the answers in texts in many encodings with those in their UTF-8 twins. Not a test file
// itself.
import { isAscii, isUtf8 as isValidUtf8 } from 'node:buffer';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { encode } from 'iconv-lite';
import {
  collect,
  type Entry,
  type EntryObject,
  type SearchEngine,
  type SearchQuery,
} from '../../../src/search/engine.js';
import { LETTERS } from '../../helpers/encoded-texts.js';
import { allQuery, searchQuery } from '../../helpers/queries.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

const SEED = 20_261_128;
const NAMES = ['utf-8', 'utf-16le', 'utf-16be', 'latin1', 'windows-1252', 'koi8-r', 'shift_jis', 'gb18030'];
const never = () => new AbortController().signal;

/** A text in an encoding, and how its file says so. */
interface EncodedText {
  encoding: string;
  text: string;
  hasMark: boolean;
  isDeclared: boolean;
  isCompressed: boolean;
}

const encodedText: fc.Arbitrary<EncodedText> = fc.constantFrom(...NAMES).chain((encoding) => {
  const letter = fc.constantFrom(...(LETTERS[encoding] ?? 'é漢ж😀'));
  const word = fc.oneof(
    fc.constantFrom('love', 'Love', 'a', 'whale'),
    fc.array(letter, { minLength: 1, maxLength: 3 }).map((letters) => letters.join('')),
  );
  const line = fc.array(word, { maxLength: 5 }).map((words) => words.join(' '));
  const lineEnd = fc.constantFrom('\n', '\n', '\r\n', '\n\n', '\r\n\r\n', '\n%\n');
  const lines = fc.array(fc.tuple(line, lineEnd), { maxLength: 12 });
  return fc.record({
    encoding: fc.constant(encoding),
    text: fc.tuple(lines, line).map(([all, last]) => all.flat().join('') + last),
    hasMark: encoding.startsWith('utf') ? fc.boolean() : fc.constant(false),
    isDeclared: fc.boolean(),
    isCompressed: fc.boolean(),
  });
});

/** One text, or a folder of several. */
const texts = fc.array(encodedText, { minLength: 1, maxLength: 3 });

/** A query whose term is from the first text, and the same options for both twins. */
const query = fc.record({
  from: fc.nat(40),
  length: fc.integer({ min: 1, max: 3 }),
  syntax: fc.constantFrom('literal' as const, 'word' as const, 'regex' as const),
  isAnchored: fc.boolean(),
  ignore_case: fc.boolean(),
  unit: fc.constantFrom('line' as const, 'line' as const, 'quote' as const),
  n_before: fc.constantFrom(0, 0, 2),
  n_after: fc.constantFrom(0, 1),
  nresults: fc.constantFrom(0, 0, 2),
  format: fc.constantFrom('text' as const, 'object' as const),
});

export function encodedTwins(title: string, open: (folder: string) => Promise<SearchEngine>, runs: number): void {
  describe(`${title} (texts in other encodings)`, () => {
    let folder: TempFolder;
    let engine: SearchEngine;
    before(async () => {
      folder = await tempFolder();
      engine = await open(folder.path);
    });
    after(async () => {
      await engine.close();
      await folder.remove();
    });

    it(`answers as in the UTF-8 twins of ${runs} dictionaries, and reports what is undeclared`, async function () {
      this.timeout(1_800_000);
      let number = 0;
      let found = 0;
      const reported = new Map<string, number>();
      await fc.assert(
        fc.asyncProperty(texts, fc.array(query, { minLength: 4, maxLength: 4 }), async (all, queries) => {
          number += 1;
          // Every text of a dictionary that is compared must be read in its encoding.
          const read = all.map((text) => (isRead(text) ? text : { ...text, isDeclared: true }));
          const name = await write(`${number}`, read);
          const twin = await write(
            `${number}-twin`,
            read.map(({ text }) => ({
              text,
              encoding: 'utf-8',
              hasMark: false,
              isDeclared: false,
              isCompressed: false,
            })),
          );
          for (const each of queries) found += await compare(name, twin, toQuery(each, all[0]?.text ?? ''));
          await compareAll(name, twin);
          for (const text of all) await expectReport(`${number}-report`, text, reported);
        }),
        { seed: SEED, numRuns: runs },
      );
      expect(found, 'entries that were found').to.be.above(runs);
      for (const encoding of NAMES) {
        if (encoding !== 'utf-8') expect(reported.get(encoding), encoding).to.be.above(runs / 40);
      }
    });

    /** Returns the name of the dictionary. */
    async function write(name: string, all: EncodedText[]): Promise<string> {
      const isFolder = all.length > 1;
      if (isFolder) await mkdir(join(folder.path, name));
      const paths: string[] = [];
      for (const [at, text] of all.entries()) {
        const path = (isFolder ? `${name}/${at}` : name) + suffixOf(text);
        await writeFile(join(folder.path, path), bytesOf(text));
        paths.push(path);
      }
      return isFolder ? name : (paths[0] as string);
    }

    async function compare(name: string, twin: string, query: SearchQuery): Promise<number> {
      const answer = await collect(engine.search({ ...query, dictionary: name }, never()), withoutSuffix);
      const expected = await collect(engine.search({ ...query, dictionary: twin }, never()), withoutSuffix);
      expect(answer, JSON.stringify(query)).to.deep.equal(expected);
      const { term, syntax, ignore_case } = query;
      const counts = async (dictionary: string) => [
        ...((await engine.entryCounts({ term, syntax, ignore_case, dictionary }, never()))?.files.values() ?? []),
      ];
      expect(await counts(name)).to.deep.equal(await counts(twin));
      return expected.nrOfEntries;
    }

    async function compareAll(name: string, twin: string): Promise<void> {
      for (const unit of ['line', 'quote'] as const) {
        const every = (dictionary: string) =>
          collect(engine.all(allQuery({ dictionary, unit, format: 'object' }), never()), withoutSuffix);
        expect(await every(name)).to.deep.equal(await every(twin));
      }
      const lines = async (dictionary: string) => [...(await engine.lineCounts(dictionary, never())).values()];
      expect(await lines(name)).to.deep.equal(await lines(twin));
      const words = async (dictionary: string) => [...(await engine.wordCounts(dictionary, never())).values()];
      expect(await words(name)).to.deep.equal(await words(twin));
    }

    /** Expects a warning about a text that is neither in UTF-8 nor declared. */
    async function expectReport(name: string, text: EncodedText, reported: Map<string, number>): Promise<void> {
      const undeclared = { ...text, isDeclared: false, hasMark: false, isCompressed: false };
      const path = await write(name, [undeclared]);
      const [file] = await engine.files(path, never());
      if (isUtf8(undeclared)) return expect(file?.warning, JSON.stringify(text)).to.equal(undefined) as never;
      // Nothing tells that a text is in another encoding if its bytes are UTF-8, too.
      if (!text.encoding.startsWith('utf-16') && isValidUtf8(bytesOf(undeclared))) return;
      // Without spaces and line ends, or with rare letters that could be ASCII, a few aren't enough.
      if (text.encoding.startsWith('utf-16') && file?.warning === undefined) {
        const isAmbiguous = isAscii(bytesOf(undeclared)) && /[\u3100-\u7f7f]/.test(text.text);
        expect(isAmbiguous || !/[\n ]/.test(text.text), text.text).to.equal(true);
        return;
      }
      expect(file?.warning, JSON.stringify(text)).to.match(/looks like|isn't valid UTF-8/);
      reported.set(text.encoding, (reported.get(text.encoding) ?? 0) + 1);
    }
  });
}

function isRead({ encoding, hasMark, isDeclared }: EncodedText): boolean {
  return encoding === 'utf-8' || hasMark || isDeclared;
}

/** Whether the bytes of a text are also UTF-8, with the same meaning. */
function isUtf8(text: EncodedText): boolean {
  return bytesOf(text).equals(Buffer.from(text.text));
}

function bytesOf({ encoding, text, hasMark, isCompressed }: EncodedText): Buffer {
  const bytes = Buffer.from(encode(text, encoding, { addBOM: hasMark }));
  return isCompressed ? gzipSync(bytes) : bytes;
}

function suffixOf({ encoding, isDeclared, isCompressed }: EncodedText): string {
  return (isDeclared && encoding !== 'utf-8' ? `.${encoding}` : '') + (isCompressed ? '.gz' : '');
}

/** The paths of twins differ in their suffixes. */
function withoutSuffix(entry: Entry): Entry {
  return typeof entry === 'string' ? entry : ({ ...entry, file: '' } satisfies EntryObject);
}

function toQuery(
  { from, length, isAnchored, ...options }: typeof query extends fc.Arbitrary<infer Value> ? Value : never,
  text: string,
): SearchQuery {
  const characters = [...text.replace(/[\r\n%]/g, ' ')];
  const part = characters.slice(from % Math.max(1, characters.length)).slice(0, length);
  const term = part.join('').trim() || 'love';
  const pattern = isAnchored ? `${term}.*$` : `(${term}|lo.e)`;
  return searchQuery({ ...options, term: options.syntax === 'regex' ? pattern : term });
}
