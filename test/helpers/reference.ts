// A reference implementation: the matches that grep itself prints, turned into entries by simpler
// code than grepd's.
import { spawnSync } from 'node:child_process';
import type { EntryObject, SearchQuery } from '../../src/search/engine.js';
import { findMistake } from '../../src/search/pattern/regex-mistakes.js';

export interface ReferenceFile {
  path: string;
  bytes: Buffer;
}

export type ReferenceQuery = Omit<SearchQuery, 'dictionary' | 'nresults' | 'offset' | 'order' | 'seed'>;

/** Every line or quote, in file order. */
export function referenceAll(files: ReferenceFile[], query: Pick<ReferenceQuery, 'unit'>): EntryObject[] {
  return files.flatMap(({ path, bytes }) => {
    const lines = linesOf(plainText(bytes)).map((text, at): Unit => ({ line: at + 1, text, matches: [] }));
    const units = query.unit === 'line' ? lines : quotesOf(lines);
    return units.map(({ line, text }) => ({ file: path, line, text, before: [], after: [], matches: [] }));
  });
}

/**
 * Every entry, in file order, with matches only in the format `object`. Returns `undefined` if grep
 * rejects the term, or reads it differently than its author means it.
 */
export function referenceSearch(files: ReferenceFile[], query: ReferenceQuery): EntryObject[] | undefined {
  // regex-mistakes.test.ts compares these with grep's warnings.
  if (query.syntax === 'regex' && findMistake(query.term) !== undefined) return undefined;
  const plains = files.map(({ bytes }) => plainText(bytes));
  // grep compares lines one by one, so one run over all texts finds what a run for each would.
  const allMatches = matchesOf(Buffer.concat(plains.flatMap((plain) => [plain, lastNewline(plain)])), query);
  if (allMatches === undefined) return undefined;
  const entries: EntryObject[] = [];
  let firstLine = 1;
  for (const [index, { path }] of files.entries()) {
    const lines = linesOf(plains[index] as Buffer);
    const items = lines.map((text, at) => ({ line: at + 1, text, matches: allMatches.get(firstLine + at) }));
    firstLine += lines.length;
    const units = query.unit === 'line' ? items : quotesOf(items);
    for (const [at, { line, text, matches }] of units.entries()) {
      if (matches === undefined) continue;
      const before = units.slice(Math.max(0, at - query.n_before), at).map((unit) => unit.text);
      const after = units.slice(at + 1, at + 1 + query.n_after).map((unit) => unit.text);
      entries.push({ file: path, line, text, before, after, matches });
    }
  }
  return entries;
}

/** Returns the newline that the last line lacks. */
function lastNewline(plain: Buffer): Buffer {
  return Buffer.from(plain.length === 0 || plain.at(-1) === 0x0a ? '' : '\n');
}

/** Removes the byte order mark, and the CR of CRLF line breaks. A CR at the end is a line break. */
function plainText(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1').replace(/^\xef\xbb\xbf/, '');
  return Buffer.from(text.replaceAll('\r\n', '\n').replace(/\r$/, '\n'), 'latin1');
}

interface Unit {
  line: number;
  text: string;
  /** `undefined` if the unit doesn't match. */
  matches: [number, number][] | undefined;
}

/** Returns the matches of each matching line, by its number. */
function matchesOf(plain: Buffer, query: ReferenceQuery): Map<number, [number, number][]> | undefined {
  const numbered = grep('-n', plain, query);
  if (numbered === undefined) return undefined;
  const matches = new Map<number, [number, number][]>(numbered.map(([number]) => [number, []]));
  if (query.format === 'text') return matches;
  let [line, start] = [1, 0];
  for (const [at, text] of grep('-ob', plain, query) ?? []) {
    for (let end = plain.indexOf('\n', start); end < at && end !== -1; end = plain.indexOf('\n', start)) {
      [line, start] = [line + 1, end + 1];
    }
    const from = decode(plain.subarray(start, at)).length;
    matches.get(line)?.push([from, from + decode(Buffer.from(text, 'latin1')).length]);
  }
  return matches;
}

/**
 * Runs grep. Returns the number before the first `:` of each output line and the rest of the line;
 * `undefined` if grep rejects the term.
 */
function grep(
  output: '-n' | '-ob',
  plain: Buffer,
  query: ReferenceQuery,
): [number: number, text: string][] | undefined {
  const syntax = { literal: '-F', word: '-Fw', regex: '-E' }[query.syntax];
  const args = ['-a', output, syntax, ...(query.ignore_case ? ['-i'] : []), '-e', query.term];
  const { status, stdout, error } = spawnSync('grep', args, {
    input: plain,
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
    maxBuffer: 1e9,
  });
  // EPIPE: grep rejected the term without reading its input.
  if (error !== undefined && status === null) throw error;
  if (status !== 0 && status !== 1) return undefined;
  const lines = stdout.toString('latin1').split('\n').slice(0, -1);
  return lines.map((line) => [Number.parseInt(line, 10), line.slice(line.indexOf(':') + 1)]);
}

function quotesOf(lines: Unit[]): Unit[] {
  const isFortune = lines.some(({ text }) => text === '%');
  const isBetween = ({ text }: Unit) => (isFortune ? text === '%' : /^[ \t]*$/.test(text));
  const quotes: Unit[][] = [[]];
  for (const line of lines) {
    if (isBetween(line)) quotes.push([]);
    else quotes.at(-1)?.push(line);
  }
  return quotes.filter((quote) => quote.length > 0).map(join);
}

function join(lines: Unit[]): Unit {
  const matching = lines.filter(({ matches }) => matches !== undefined);
  const matches = lines.flatMap((line, at) => {
    const start = lines.slice(0, at).reduce((sum, { text }) => sum + text.length + 1, 0);
    return (line.matches ?? []).map(([from, to]): [number, number] => [start + from, start + to]);
  });
  return {
    line: lines[0]?.line ?? 0,
    text: lines.map(({ text }) => text).join('\n'),
    matches: matching.length > 0 ? matches : undefined,
  };
}

/** Splits a text into lines. The last line may lack a newline; an empty one doesn't count. */
function linesOf(plain: Buffer): string[] {
  const lines = plain.toString('latin1').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => decode(Buffer.from(line, 'latin1')));
}

const decode = (bytes: Buffer) => bytes.toString('utf8');
