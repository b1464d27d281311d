import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { assertRegex } from '../../../src/search/pattern/assert-regex.js';
import { candidateTerm } from '../../../src/search/queries/candidate-term.js';
import type { QueryTerm } from '../../../src/search/query.js';

type Options = Parameters<typeof candidateTerm>[1] & Pick<QueryTerm, 'ignore_case'>;

const PLAIN: Options = { join_hyphens: false, ignore_marks: false, ignore_case: false };

function candidate(term: string, options: Partial<Options> = {}, syntax: QueryTerm['syntax'] = 'phrase') {
  const { ignore_case, ...others } = { ...PLAIN, ...options };
  return candidateTerm({ term, syntax, ignore_case, field: 'term' }, others);
}

function isFound(line: string, ...question: Parameters<typeof candidate>): boolean {
  const { term = '', ignore_case, syntax } = candidate(...question) ?? {};
  if (syntax === 'regex') assertRegex({ term, syntax });
  const args = ['-aq', syntax === 'regex' ? '-E' : '-F', ...(ignore_case ? ['-i'] : []), '-e', term];
  return spawnSync('grep', args, { input: line, env: { LC_ALL: 'C.UTF-8' } }).status === 0;
}

describe('candidateTerm', () => {
  it('is the longest word of a phrase', () => {
    const expected = { term: 'silver', syntax: 'literal', ignore_case: true };
    expect(candidate(' a silver\tbar ', { ignore_case: true })).to.deep.equal(expected);
  });

  it('is undefined if any text may match', () => {
    expect(candidate(' \t')).to.equal(undefined);
    expect(candidate('a', { ignore_marks: true }, 'regex')).to.equal(undefined);
  });

  it('finds a word that is hyphenated at the end of the line', () => {
    for (const line of ['an example', 'an e-', 'an exam\u2010', 'an examp\u00ad', 'hyphenati-']) {
      expect(isFound(line, line.startsWith('hy') ? 'hyphenations' : 'example', { join_hyphens: true }), line).to.equal(
        true,
      );
    }
    for (const line of ['an ex-am', 'exam', 'x-', '-']) {
      expect(isFound(line, 'example', { join_hyphens: true }), line).to.equal(false);
    }
    expect(isFound('-', '-a', { join_hyphens: true })).to.equal(true);
  });

  it('finds characters with any marks, in either normal form', () => {
    for (const line of ['lopez', 'López', 'lo\u0301pez', 'l\u0301\u0302ope\u0323z\u0301']) {
      expect(isFound(line, 'lopez', { ignore_marks: true, ignore_case: true }), line).to.equal(true);
    }
    for (const line of ['lapez', 'lop ez', 'LOPE', 'l\u00f3 pez']) {
      expect(isFound(line, 'lopez', { ignore_marks: true, ignore_case: true }), line).to.equal(false);
    }
    expect(isFound('LOPEZ', 'lopez', { ignore_marks: true })).to.equal(false);
  });

  it('finds characters that are equal to ASCII letters when case is ignored', () => {
    for (const [line, term] of [
      ['\u212aelvin', 'kelvin'],
      ['kelvin', '\u212aelvin'],
      ['stra\u017fse', 'strasse'],
      ['STRASSE', 'stra\u017fse'],
    ] as const) {
      expect(isFound(line, term, { ignore_marks: true, ignore_case: true }), line).to.equal(true);
    }
  });

  it('finds a Hangul syllable by its decomposition', () => {
    expect(isFound('\uac01', '\uac01'.normalize('NFD'), { ignore_marks: true })).to.equal(true);
  });

  it('is a valid regular expression for every character', () => {
    for (let code = 1; code < 0x250; code += 1) {
      const term = String.fromCharCode(code);
      if (!/\S/.test(term) || /\p{M}/u.test(term)) continue;
      for (const options of [
        { join_hyphens: true },
        { ignore_marks: true },
        { join_hyphens: true, ignore_marks: true },
      ]) {
        expect(() => assertRegex(candidate(term, options) ?? { term: '(', syntax: 'regex' })).not.to.throw();
      }
      if (code < 0x80) expect(isFound(`x${term}y`, `x${term}y`, { ignore_marks: true }), term).to.equal(true);
    }
  });
});
