import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import type { Match, Syntax, Term } from '../../../src/search/engine.js';
import { matchTexts } from '../../../src/search/engines/match-texts.js';
import { findGrep } from '../../../src/search/grep/find-grep.js';
import { createText, generator, WORDS } from '../../helpers/hostile-texts.js';

const never = new AbortController().signal;

async function match(term: Partial<Term>, texts: readonly string[], signal = never) {
  const options = { grep: await findGrep(), searchMemoryBytes: 256 * 1024 * 1024 };
  return matchTexts(options, { term: 'foo', syntax: 'literal', ignore_case: false, ...term }, texts, signal);
}

/** U+FFFD and a surrogate. */
const NOT_COMPARED = /\xef\xbf\xbd|\xed\xa0\x80/g;

/** Runs grep for each text by itself, on its own bytes. */
function reference({ term, syntax, ignore_case }: Term, bytes: Buffer): Match[] | undefined {
  const input = Buffer.concat([bytes, Buffer.from('\n')]);
  const run = (output: string) => {
    const args = ['-a', output, { literal: '-F', word: '-Fw', regex: '-E' }[syntax], ...(ignore_case ? ['-i'] : [])];
    const env = { LC_ALL: 'C.UTF-8' };
    return spawnSync('grep', [...args, '-e', term], { input, env, maxBuffer: 1e9 });
  };
  if (run('-c').status !== 0) return undefined;
  const lines = run('-ob').stdout.toString().split('\n').slice(0, -1);
  return lines.map((line) => {
    const start = input.subarray(0, Number.parseInt(line, 10)).toString().length;
    return [start, start + line.length - line.indexOf(':') - 1];
  });
}

describe('matchTexts', function () {
  this.timeout(30_000);

  it('finds what grep finds in each text', async () => {
    const random = generator(21);
    const tally = { texts: 0, matching: 0 };
    for (let question = 0; question < 16; question += 1) {
      // A decoded text can't tell U+FFFD from invalid bytes, for which it is taken. For grep, the
      // bytes of a surrogate are a character.
      const lines = createText(random).toString('latin1').replaceAll(NOT_COMPARED, '').split('\n').slice(0, 8);
      const texts = lines.map((line) => Buffer.from(line, 'latin1'));
      const one = random.pick(WORDS.filter((word) => word !== '\ufffd'));
      const syntax = random.pick<Syntax>(['literal', 'word', 'regex']);
      const regex = random.pick([`${one}|foo`, `^${one}`, `${one}$`, '.', '^$', 'o*', '[[:space:]]+', `${one}.*e`]);
      const plain = random.pick([one, one, 'e', 'a', ' ', '\u001b[m']);
      const term = { term: syntax === 'regex' ? regex : plain, syntax, ignore_case: random.chance(0.3) };
      const expected = texts.map((text) => reference(term, text));
      const decoded = texts.map(String);
      expect(await match(term, decoded), JSON.stringify({ term, decoded })).to.deep.equal(expected);
      tally.texts += texts.length;
      tally.matching += expected.filter((each) => each !== undefined).length;
    }
    expect(tally.texts).to.be.above(60);
    expect(tally.matching).to.be.above(15);
  });

  it('distinguishes an empty match from no match', async () => {
    expect(await match({ term: '^$', syntax: 'regex' }, ['', 'a', ''])).to.deep.equal([[], undefined, []]);
  });

  it('keeps a carriage return at the end of a text', async () => {
    const texts = ['foo\r', '\r', '\r\r'];
    expect(await match({}, texts)).to.deep.equal([[[0, 3]], undefined, undefined]);
    expect(await match({ term: '.$', syntax: 'regex' }, texts)).to.deep.equal([[[3, 4]], [[0, 1]], [[1, 2]]]);
  });

  it('finds every one of very many short matches', async () => {
    const [matches] = await match({ term: 'a' }, ['ab'.repeat(100_000)]);
    expect(matches).to.have.length(100_000);
    expect(matches?.at(-1)).to.deep.equal([199_998, 199_999]);
  });

  it('takes U+FFFD for invalid bytes, which match nothing, unless the term has it', async () => {
    const texts = ['foo\ufffdbar'];
    expect(await match({ term: 'foo.bar', syntax: 'regex' }, texts)).to.deep.equal([undefined]);
    expect(await match({ term: 'bar' }, texts)).to.deep.equal([[[4, 7]]]);
    expect(await match({ term: 'o\ufffdb' }, texts)).to.deep.equal([[[2, 5]]]);
  });

  it('finds nothing in no texts', async () => {
    expect(await match({}, [])).to.deep.equal([]);
  });

  it('rejects a regular expression that grep rejects, even without texts', async () => {
    for (const texts of [[], ['foo']]) {
      const error = await match({ term: '(foo', syntax: 'regex' }, texts).catch((reason) => reason);
      expect(error).to.have.property('code', 'invalid_request');
      expect(error.message).to.match(/^"term" must be a regular expression that grep accepts/);
    }
  });

  it('throws the reason of an aborted signal', async () => {
    const reason = new Error('stop');
    expect(await match({}, ['foo'], AbortSignal.abort(reason)).catch((error) => error)).to.equal(reason);
  });
});
