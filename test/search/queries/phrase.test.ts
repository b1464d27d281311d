import { execFileSync, spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { phraseRegex, phraseText, wordsOfPhrase } from '../../../src/search/queries/phrase.js';

function matches(phrase: string, text: string, joinHyphens = false): boolean {
  const args = ['-aqE', '-e', phraseRegex(phrase, joinHyphens)];
  const { status, stderr } = spawnSync('grep', args, { input: phraseText(text), env: { LC_ALL: 'C.UTF-8' } });
  if (status !== 0 && status !== 1) throw new Error(stderr.toString());
  return status === 0;
}

describe('a phrase', () => {
  it('matches any white space for its own, line ends included', () => {
    for (const space of [' ', '\n', ' \n\t ', '\r', '\v', '\u2003', '\u2028', '\u3000']) {
      expect(matches('silver lining', `a silver${space}lining`), JSON.stringify(space)).to.equal(true);
      if (space !== '\n') expect(matches(`silver${space}lining`, 'silver\nlining')).to.equal(true);
    }
    for (const other of ['', '-', '\u00a0', '\u200b', '\ufeff']) {
      expect(matches('silver lining', `silver${other}lining`), JSON.stringify(other)).to.equal(false);
    }
  });

  it('treats the same characters as white space as the C library does', () => {
    const characters = Array.from({ length: 0xffff }, (_, at) => String.fromCharCode(at + 1)).filter(
      (character) => character !== '\n' && !/\p{Cs}/u.test(character),
    );
    const found = execFileSync('grep', ['-a', '[[:space:]]'], {
      input: characters.join('\n'),
      env: { LC_ALL: 'C.UTF-8' },
    });
    const spaces = found.toString().split('\n').slice(0, -1);
    expect(characters.filter((character) => wordsOfPhrase(character).length === 0)).to.deep.equal(spaces);
  });

  it('requires white space at its ends if the term has some there', () => {
    expect(matches(' a', 'ba')).to.equal(false);
    expect(matches(' a', 'b\na')).to.equal(true);
    expect(matches('a ', 'a')).to.equal(false);
  });

  it('takes characters literally', () => {
    const text = '\\^$.*+?()[]{}|-/a';
    expect(matches(text, `x${text}x`)).to.equal(true);
    expect(matches('a.c', 'abc')).to.equal(false);
  });

  it('matches a word that is hyphenated at a line end only with join_hyphens', () => {
    for (const text of ['exam-\nple', 'exam\u2010\nple', 'exam\u00ad\nple', 'ex-\nam-\nple', 'exam-\n  ple']) {
      expect(matches('example', text, true), text).to.equal(true);
      expect(matches('example', text), text).to.equal(false);
    }
    for (const text of ['exam-ple', 'exam--\nple', 'exam\nple', 'exam- \nple', 'exam-\n\nple']) {
      expect(matches('example', text, true), text).to.equal(false);
    }
  });

  it('matches a line end after its own hyphen only with join_hyphens', () => {
    expect(matches('well-known', 'well-\nknown', true)).to.equal(true);
    expect(matches('well-known', 'well-known', true)).to.equal(true);
    expect(matches('well-known', 'wellknown', true)).to.equal(false);
    expect(matches('well-known', 'well-\nknown')).to.equal(false);
    expect(matches('well- known', 'well-\nknown')).to.equal(true);
  });
});
