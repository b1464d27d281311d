import { expect } from 'chai';
import fc from 'fast-check';
import type { SearchQuery } from '../../../src/search/engine.js';
import { findGrep } from '../../../src/search/grep/find-grep.js';
import { type Grep, GrepError, patternOf, runGrep } from '../../../src/search/grep/run-grep.js';
import { foldCase } from '../../../src/search/pattern/case-folding.js';
import { requiredLiterals } from '../../../src/search/pattern/required-literals.js';
import { searchQuery } from '../../helpers/queries.js';
import { likelyLine } from '../engines/clickhouse/likely-lines.js';
import { anyText, line, literal, regex, utf8 } from '../engines/generators.js';

/** Others: `REQUIRED_SEED=$RANDOM REQUIRED_RUNS=20000 npx mocha -g 'contains them'`. */
const SEED = Number(process.env.REQUIRED_SEED ?? 20_261_123);
const RUNS = Number(process.env.REQUIRED_RUNS ?? 300);

/** grep can take exponential time for a short term such as `(K{0,2}|(\\s{0,2})+|"*)*`. */
const GREP_TIMEOUT_MS = 5000;

type Term = Parameters<typeof requiredLiterals>[0];

describe('requiredLiterals', () => {
  it('returns the term, which is exact if it is literal', () => {
    const of = (term: string, syntax: SearchQuery['syntax']) => requiredLiterals({ term, syntax, ignore_case: false });
    expect(of('Love é', 'literal')).to.deep.equal({ isExact: true, literals: ['Love é'], folded: ['love É'] });
    expect(of('愛\ufffd', 'literal')).to.deep.equal({ isExact: true, literals: ['愛\ufffd'], folded: ['愛\ufffd'] });
    expect(of('Love', 'word')).to.deep.equal({ isExact: false, literals: ['Love'], folded: ['love'] });
    expect(of('Love.é', 'regex')).to.deep.equal({ isExact: false, literals: ['Love', 'é'], folded: ['love', 'É'] });
  });

  it('returns folded literals if case is ignored', () => {
    for (const syntax of ['literal', 'word', 'regex'] as const) {
      const required = requiredLiterals({ term: 'Straße ſ𐐨愛', syntax, ignore_case: true });
      expect(required).to.deep.equal({ isExact: false, literals: [], folded: ['straße s𐐀愛'] });
    }
  });

  it('omits letters with variants in other versions of Unicode only if case is ignored', () => {
    const required = { term: 'Liŉ\u{1ffff}Ža', syntax: 'literal' as const };
    expect(requiredLiterals({ ...required, ignore_case: true }).folded).to.deep.equal(['li', 'Ža']);
    expect(requiredLiterals({ ...required, ignore_case: false }).folded).to.deep.equal(['liŉ\u{1ffff}Ža']);
  });

  it('keeps or omits characters beyond U+FFFF as a whole', () => {
    const folded = (term: string) => requiredLiterals({ term, syntax: 'regex', ignore_case: true }).folded;
    expect(folded('a𐐨?b')).to.deep.equal(['a', 'b']);
    expect(folded('a𐐨+b')).to.deep.equal(['a𐐀', '𐐀b']);
    expect(folded('[𐐨]x|b')).to.deep.equal([]);
    expect(folded('(😀𐐨){2}')).to.deep.equal(['😀𐐀']);
  });

  it('returns the few longest literals that are not parts of others', () => {
    const term = 'a.BCD.CD.efg.hi.jkl.BCD.mn';
    expect(requiredLiterals({ term, syntax: 'regex', ignore_case: false })).to.deep.equal({
      isExact: false,
      literals: ['BCD', 'efg', 'jkl', 'hi'],
      folded: ['bcd', 'efg', 'jkl', 'hi'],
    });
  });

  describe('compared with grep', () => {
    let grep: Grep;
    before(async () => {
      grep = await findGrep();
    });

    it('folds all characters that grep takes for an ASCII letter', async function () {
      this.timeout(120_000);
      // Includes surrogates, although they are invalid in UTF-8. A line can't contain a newline.
      const codes = Array.from({ length: 0x110000 }, (_, code) => code).filter((code) => code !== 0x0a);
      const text = Buffer.concat(codes.map((code) => Buffer.from([...bytesOf(code), 0x0a])));
      const all = new Set<string>();
      for (const letter of 'abcdefghijklmnopqrstuvwxyz') {
        const capital = letter.toUpperCase();
        for (const term of [letter, capital]) {
          const regexes = [
            { term, syntax: 'regex' as const },
            { term: `()${term}\\1`, syntax: 'regex' as const },
          ];
          // For a back reference, grep uses another matcher: that of the C library.
          for (const query of [{ term }, { term, syntax: 'word' as const }, ...regexes]) {
            const found = await selected(searchQuery({ ...query, ignore_case: true }), text);
            const characters = found?.map((at) => String.fromCodePoint(codes[at] as number));
            expect(characters, JSON.stringify(query)).to.include.members([letter, capital]);
            for (const character of characters ?? []) {
              expect(foldCase(character), JSON.stringify({ query, character })).to.equal(letter);
              all.add(character);
            }
          }
        }
      }
      // If grep knew only ASCII, this would prove nothing.
      expect([...all]).to.include.members(['ſ', 'ı']);
    });

    it(`returns literals such that every line that grep selects contains them: ${RUNS} terms`, async function () {
      this.timeout(3_600_000);
      const tally = new Map<string, number>();
      await fc.assert(
        fc.asyncProperty(termAndLines, async ({ query, lines }) => {
          const found = await selected(searchQuery(query), Buffer.from(`${lines.join('\n')}\n`, 'latin1'));
          if (found === undefined) return count('no result');
          const required = requiredLiterals(query);
          const literals = required.literals.map(utf8);
          const containsAll = (each: string) =>
            literals.every((literal) => each.includes(literal)) &&
            required.folded.every((literal) => foldBytes(each).includes(utf8(literal)));
          for (const at of found) {
            const each = lines[at] as string;
            expect(containsAll(each), JSON.stringify({ query, required, line: each })).to.equal(true);
          }
          const candidates = lines.flatMap((each, at) => (containsAll(each) ? [at] : []));
          if (required.isExact) expect(candidates).to.deep.equal(found);
          if (required.folded.length + literals.length === 0) return count('nothing required');
          const kind = `${query.syntax}${query.ignore_case ? ', ignoring case' : ''}`;
          if (found.length > 0) count(`${kind}: found`);
          if (candidates.length < lines.length) count(`${kind}: spared`);
        }),
        { seed: SEED, numRuns: RUNS },
      );
      // Terms that require nothing, lines that grep does not select, and literals that all lines
      // contain would prove nothing.
      for (const kind of ['literal', 'word', 'regex'].flatMap((syntax) => [syntax, `${syntax}, ignoring case`])) {
        for (const outcome of ['found', 'spared']) {
          expect(tally.get(`${kind}: ${outcome}`), `${kind}: ${outcome}`).to.be.above(RUNS / 25);
        }
      }

      function count(outcome: string): void {
        tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
      }
    });

    /**
     * Returns the indexes of the lines that grep selects, or `undefined` if it rejects the term or
     * takes too long.
     */
    async function selected(query: SearchQuery, text: Buffer): Promise<number[] | undefined> {
      async function* input() {
        yield text;
      }
      const run = { pattern: patternOf(query), output: ['-n'], files: [], cwd: '/', input: input() };
      const signal = AbortSignal.timeout(GREP_TIMEOUT_MS);
      const output: Buffer[] = [];
      try {
        for await (const part of runGrep(grep, run, signal)) output.push(part);
      } catch (error) {
        if (query.syntax === 'regex' && (error instanceof GrepError || signal.aborted)) return undefined;
        throw error;
      }
      const lines = Buffer.concat(output).toString('latin1').split('\n').slice(0, -1);
      return lines.map((each) => Number.parseInt(each, 10) - 1);
    }
  });

  it('folds the bytes of a line like its characters', () => {
    fc.assert(
      fc.property(fc.array(anyText), (parts) => {
        const text = parts.join('');
        expect(foldBytes(utf8(text))).to.equal(utf8(foldCase(text)));
      }),
    );
  });
});

/** Random fragments of regular expressions, which may be valid or not. */
const soup = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('a', 'b', 's', 'é', '愛') },
      { weight: 1, arbitrary: fc.constantFrom('(', ')', '|', '*', '+', '?', '^', '$', '.', '\\', '()', '\\1', '(a)') },
      { weight: 1, arbitrary: fc.constantFrom('{', '}', '{1}', '{0}', '{,2}', '{2,}', '{,}', '1', ',') },
      {
        weight: 1,
        arbitrary: fc.constantFrom('[', ']', '[^', '[]', '[:', ':]', '[.', '.]', '[[:alpha:]', '[[=a=]', '-'),
      },
      { weight: 1, arbitrary: fc.constantFrom(...'!"#%&\',/:;<=>@_`~wWbBdn').map((escaped) => `\\${escaped}`) },
    ),
    { minLength: 1, maxLength: 7 },
  )
  .map((parts) => parts.join(''));

const query: fc.Arbitrary<Term> = fc
  .tuple(
    fc.oneof(
      { weight: 1, arbitrary: fc.record({ syntax: fc.constant('literal' as const), term: literal }) },
      { weight: 1, arbitrary: fc.record({ syntax: fc.constant('word' as const), term: literal }) },
      { weight: 4, arbitrary: fc.record({ syntax: fc.constant('regex' as const), term: fc.oneof(regex, soup) }) },
    ),
    fc.boolean(),
  )
  .map(([term, ignore_case]) => ({ ...term, ignore_case }));

const termAndLines = query.chain((query) =>
  fc.record({
    query: fc.constant(query),
    lines: fc
      .tuple(fc.array(line, { maxLength: 8 }), fc.array(likelyLine(query.term), { minLength: 8, maxLength: 16 }))
      .map((lines) => lines.flat()),
  }),
);

/** A lead byte and as many continuation bytes as it demands, whatever follows. */
const CHARACTER = /[\0-\x7f]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/g;

/** Folds the characters of a line, one character per byte. Other bytes stay as they are. */
function foldBytes(bytes: string): string {
  return bytes.replace(CHARACTER, (character) => {
    const text = Buffer.from(character, 'latin1').toString();
    return utf8(text) === character ? utf8(foldCase(text)) : character;
  });
}

/** Encodes a code point as UTF-8, even a surrogate. */
function bytesOf(code: number): number[] {
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  if (isSurrogate) return [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];
  return [...Buffer.from(String.fromCodePoint(code))];
}
