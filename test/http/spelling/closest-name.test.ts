import { expect } from 'chai';
import { closestName } from '../../../src/http/spelling/closest-name.js';

const NAMES = ['alice.txt', 'devils-dictionary.txt', 'king-james-bible.txt', 'moby-dick', 'War and Peace.txt', 'a.txt'];

describe('closestName', () => {
  for (const [title, name, expected] of [
    ['a missing extension', 'devils-dictionary', 'devils-dictionary.txt'],
    ['another extension', 'devils-dictionary.md', 'devils-dictionary.txt'],
    ['an extension too many', 'moby-dick.txt', 'moby-dick'],
    ['another case', 'ALICE.TXT', 'alice.txt'],
    ['another case without the extension', 'war AND peace', 'War and Peace.txt'],
    ['a missing letter', 'alce.txt', 'alice.txt'],
    ['a letter too many', 'moby-diick', 'moby-dick'],
    ['another letter', 'moby_dick', 'moby-dick'],
    ['two letters swapped', 'mboy-dick', 'moby-dick'],
    ['three edits in a long name', 'kng-jams-bibel.txt', 'king-james-bible.txt'],
    ['a short name without its extension', 'a', 'a.txt'],
  ] as const) {
    it(`finds a name despite ${title}`, () => {
      expect(closestName(name, NAMES)).to.equal(expected);
    });
  }

  for (const [title, name] of [
    ['a different name', 'nope.txt'],
    ['a short name with another letter', 'b.txt'],
    ['four edits', 'kng-jams-bbel.txt'],
    ['the same name', 'alice.txt'],
    ['an empty name', ''],
    ['a name of 101 characters', 'a'.repeat(101)],
  ] as const) {
    it(`finds nothing for ${title}`, () => {
      expect(closestName(name, NAMES)).to.equal(undefined);
    });
  }

  it('prefers fewer edits, then the same extension, then the first name', () => {
    expect(closestName('chapter', ['chapters', 'chapterss', 'chaptre'])).to.equal('chapters');
    expect(closestName('notes.txt', ['notes.md', 'note.txt'])).to.equal('notes.md');
    expect(closestName('Notes.txt', ['notes.md', 'notes.txt'])).to.equal('notes.txt');
    expect(closestName('notez', ['notea', 'noteb'])).to.equal('notea');
  });

  it('agrees with the distance by definition on random names', () => {
    let seed = 7;
    const random = (max: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * max);
    };
    const word = () => Array.from({ length: 3 + random(8) }, () => 'abc'[random(3)]).join('');
    for (let count = 0; count < 2_000; count += 1) {
      const [name, candidate] = [word(), word()];
      const isClose = name !== candidate && distance(name, candidate) <= Math.min(3, Math.floor(name.length / 3));
      expect(closestName(name, [candidate]), `${name} ${candidate}`).to.equal(isClose ? candidate : undefined);
    }
  });

  it('ignores names after the first 10,000', () => {
    const others = Array.from({ length: 10_000 }, (_, number) => `other ${number}`);
    expect(closestName('alce.txt', [...others.slice(1), 'alice.txt'])).to.equal('alice.txt');
    expect(closestName('alce.txt', [...others, 'alice.txt'])).to.equal(undefined);
  });
});

/** The optimal string alignment distance, as its recursive definition. */
function distance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  if (a[0] === b[0]) return distance(a.slice(1), b.slice(1));
  const edits = [distance(a.slice(1), b), distance(a, b.slice(1)), distance(a.slice(1), b.slice(1))];
  if (a.length > 1 && a[0] === b[1] && a[1] === b[0]) edits.push(distance(a.slice(2), b.slice(2)));
  return 1 + Math.min(...edits);
}
