// A reference implementation of phrases and of comparison without marks: one grep over all texts,
// with line ends as U+0002. Not a test file itself.
import { spawnSync } from 'node:child_process';
import type { EntryObject, Match } from '../../../src/search/engine.js';
import { findMistake } from '../../../src/search/pattern/regex-mistakes.js';
import type { FindQuery, QueryTerm } from '../../../src/search/query.js';
import { type ReferenceFile, referenceAll } from '../../helpers/reference.js';

/** Returns all entries of a query with one term, or `undefined` if grep rejects it. */
export function referenceVerified(files: ReferenceFile[], query: FindQuery): EntryObject[] | undefined {
  const [term] = query.all_of as [QueryTerm];
  const isPhrase = term.syntax === 'phrase';
  const units = referenceAll(files, { unit: isPhrase ? 'quote' : query.unit });
  const texts = units.map(({ text }) => (isPhrase ? [text] : text.split('\n')));
  const found = isMistake(query, term) ? undefined : grep(texts.flat(), query, term);
  if (found === undefined) return undefined;
  let next = 0;
  const entries = units.map((unit, at): EntryObject | undefined => {
    let start = 0;
    let isMatch = false;
    const matches: Match[] = [];
    for (const text of texts[at] as string[]) {
      const own = found[next++];
      if (own !== undefined) isMatch = true;
      for (const [from, to] of own ?? []) matches.push([start + from, start + to]);
      start += text.length + 1;
    }
    return isMatch ? { ...unit, matches } : undefined;
  });
  if (isPhrase && query.unit === 'line') return entries.flatMap((entry) => (entry ? linesOf(entry) : []));
  return entries.flatMap((entry, at) => {
    if (entry === undefined) return [];
    const isNear = ({ file }: EntryObject) => file === entry.file;
    const before = units.slice(Math.max(0, at - query.n_before), at).filter(isNear);
    const after = units.slice(at + 1, at + 1 + query.n_after).filter(isNear);
    return [{ ...entry, before: before.map(({ text }) => text), after: after.map(({ text }) => text) }];
  });
}

function isMistake({ ignore_marks }: FindQuery, { term, syntax }: QueryTerm): boolean {
  return syntax === 'regex' && findMistake(ignore_marks ? stripped(term) : term) !== undefined;
}

/** Returns the lines of each match. Those that have one in common are joined. */
function linesOf({ file, line, text, matches }: EntryObject): EntryObject[] {
  const lines = text.split('\n');
  const lineAt = (at: number) => text.slice(0, at).split('\n').length - 1;
  const startOf = (index: number) => lines.slice(0, index).join('').length + index;
  const groups: { first: number; last: number; matches: Match[] }[] = [];
  for (const match of matches) {
    const [first, last] = [lineAt(match[0]), lineAt(match[1])];
    const group = groups.at(-1);
    if (group !== undefined && first <= group.last) {
      group.last = last;
      group.matches.push(match);
    } else groups.push({ first, last, matches: [match] });
  }
  return groups.map(({ first, last, matches }) => ({
    file,
    line: line + first,
    text: lines.slice(first, last + 1).join('\n'),
    before: [],
    after: [],
    matches: matches.map(([from, to]) => [from - startOf(first), to - startOf(first)]),
  }));
}

/** Returns the matches in each text, or `undefined` for a text that doesn't match. */
function grep(texts: string[], query: FindQuery, term: QueryTerm): (Match[] | undefined)[] | undefined {
  const compared = texts.map((text) => charactersOf(text, query.ignore_marks));
  const plain = (text: string) => text.replaceAll('\0', '\u0001').replaceAll('\n', '\u0002');
  const wanted = query.ignore_marks ? stripped(term.term) : term.term;
  // U+FFFD is taken for invalid bytes, of which three are as long, unless the term has it.
  const encode = (text: string) => {
    const bytes = Buffer.from(text).toString('latin1');
    const encoded = wanted.includes('\ufffd') ? bytes : bytes.replaceAll('\xef\xbf\xbd', '\xff\xff\xff');
    return Buffer.from(encoded, 'latin1');
  };
  const lines = compared.map((characters) => encode(plain(characters.map(({ as }) => as).join(''))));
  const input = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
  if (wanted === '') return undefined;
  const pattern = term.syntax === 'phrase' ? phrasePattern(wanted, query.join_hyphens) : wanted;
  const syntax = { literal: '-F', word: '-Fw', regex: '-E', phrase: '-E' }[term.syntax];
  const run = (output: string): string[] | undefined => {
    const args = ['-a', output, syntax, ...(term.ignore_case ? ['-i'] : []), '-e', pattern];
    const { status, stdout } = spawnSync('grep', args, { input, env: { LC_ALL: 'C.UTF-8' }, maxBuffer: 1e9 });
    return status === 0 || status === 1 ? stdout.toString().split('\n').slice(0, -1) : undefined;
  };
  const numbers = run('-n');
  if (numbers === undefined) return undefined;
  const matching = new Set(numbers.map((line) => Number.parseInt(line, 10) - 1));
  const needsMatches = query.format !== 'text' || (term.syntax === 'phrase' && query.unit === 'line');
  const matches = ((needsMatches && run('-ob')) || []).map((line) => {
    const at = Number.parseInt(line, 10);
    return [at, at + Buffer.byteLength(line.slice(line.indexOf(':') + 1))] as const;
  });
  let lineStart = 0;
  let next = 0;
  return lines.map((line, index) => {
    const own: Match[] = [];
    const characters = compared[index] as Character[];
    for (; next < matches.length && (matches[next]?.[0] as number) < lineStart + line.length; next += 1) {
      const [from, to] = matches[next] as readonly [number, number];
      const match = toOriginal(characters, from - lineStart, to - lineStart);
      const last = own.at(-1);
      // Two halves of one character.
      if (last !== undefined && match[0] < last[1]) last[1] = match[1];
      else own.push(match);
    }
    lineStart += line.length + 1;
    return matching.has(index) ? own : undefined;
  });
}

/** A character and the marks that follow it. */
interface Character {
  length: number;
  as: string;
}

function charactersOf(text: string, ignoresMarks: boolean): Character[] {
  const characters = text.match(ignoresMarks ? /\p{M}+|[^\p{M}]\p{M}*/gu : /./gsu) ?? [];
  return characters.map((character) => ({
    length: character.length,
    as: ignoresMarks ? stripped(character) : character,
  }));
}

function stripped(text: string): string {
  return [...text.normalize('NFD')].filter((character) => !/\p{M}/u.test(character)).join('');
}

/** @param from in bytes, as `to` */
function toOriginal(characters: Character[], from: number, to: number): Match {
  let [start, end] = [-1, 0];
  let [bytes, length] = [0, 0];
  for (const character of characters) {
    const after = bytes + Buffer.byteLength(character.as);
    const isIn = after > from && bytes < to && after > bytes;
    if (isIn && start === -1) start = length;
    length += character.length;
    if (isIn) end = length;
    bytes = after;
  }
  return [start, end];
}

const LINE_END = '\u0002';
const SPACES = `[[:space:]${LINE_END}]+`;

function phrasePattern(phrase: string, joinHyphens: boolean): string {
  let pattern = '';
  const characters = phrase.match(/[\t-\r\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000 ]+|./gsu) ?? [];
  for (const [at, character] of characters.entries()) {
    const next = characters[at + 1] ?? ' ';
    const isSpace = (text: string) => text.trim() === '' && !/[\u00a0\u2007\u202f\ufeff]/.test(text);
    pattern += isSpace(character) ? SPACES : character.replace(/^[[\\^$.*+?(){|]/, '\\$&');
    if (!joinHyphens || isSpace(next)) continue;
    if (/[-\u2010\u00ad]/.test(character)) pattern += `(${LINE_END}[[:space:]]*)?`;
    const isInWord = (text: string) => /[\p{L}\p{N}\p{M}]/u.test(text);
    if (isInWord(character) && isInWord(next)) pattern += `([-\u2010\u00ad]${LINE_END}[[:space:]]*)?`;
  }
  return pattern;
}
