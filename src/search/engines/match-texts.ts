// Lets grep find a term in texts that are in memory.
import { Readable } from 'node:stream';
import type { Match, Term } from '../engine.js';
import { type FailureOptions, toGrepAppError } from '../grep/grep-failure.js';
import { GROUP_END, GrepLines, MatchMarkers } from '../grep/grep-output.js';
import { GrepError, patternOf, runGrep } from '../grep/run-grep.js';

/** As in `SearchEngine`. */
export async function matchTexts(
  options: FailureOptions,
  term: Term,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<(Match[] | undefined)[]> {
  const pattern = patternOf(term);
  const markers = new MatchMarkers();
  const maxLength = texts.reduce((max, { length }) => Math.max(max, length), 0);
  const lines = new GrepLines({
    withLocations: true,
    file: '',
    // Markers can be longer than the matches that they mark.
    maxLength: maxLength * MAX_MARKED_RATIO,
    lineEnd: 'lf',
    markers,
  });
  const run = {
    pattern,
    output: ['-n', '--color=always'],
    files: [],
    input: Readable.from([encode(texts.map((text) => `${text}\n`).join(''), term)]),
    colors: markers.colors,
    limits: { memoryBytes: options.searchMemoryBytes },
  };
  const found = new Array<Match[] | undefined>(texts.length).fill(undefined);
  try {
    for await (const chunk of runGrep(options.grep, run, signal)) {
      for (const record of lines.read(chunk)) if (record !== GROUP_END) found[record.line - 1] = record.matches;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof GrepError ? ((await toGrepAppError(error, { pattern, signal }, options)) ?? error) : error;
  }
  return found;
}

/** What a decoder replaces invalid UTF-8 by. */
const REPLACEMENT_CHARACTER = '\ufffd';
/** A byte that is invalid wherever it is. Decoded, it is one U+FFFD, so offsets stay the same. */
const INVALID = Buffer.from([0xff]);

/**
 * Encodes U+FFFD as invalid UTF-8, which it almost always stands for and which no term matches. If
 * the term has U+FFFD, it is taken for the character.
 */
function encode(text: string, { term }: Term): Buffer {
  if (!text.includes(REPLACEMENT_CHARACTER) || term.includes(REPLACEMENT_CHARACTER)) return Buffer.from(text);
  const [first = '', ...others] = text.split(REPLACEMENT_CHARACTER);
  return Buffer.concat([Buffer.from(first), ...others.flatMap((part) => [INVALID, Buffer.from(part)])]);
}

/** Around a match of one character, and the text after it. */
const MAX_MARKED_RATIO = 64;
