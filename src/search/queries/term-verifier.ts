// Lets grep decide which entries match a term, after both were changed.
import { TimeSlice } from '../../concurrency/time-slice.js';
import type { EntryObject, Match, SearchEngine, Term } from '../engine.js';
import { mergeMatches } from '../entries/merge-matches.js';
import { isPlain, type QueryTerm } from '../query.js';
import type { EntrySource } from './entry-source.js';
import { unmarkedText } from './marks.js';
import { phraseRegex, phraseText } from './phrase.js';

type Options = Pick<EntrySource, 'join_hyphens' | 'ignore_marks'>;

/** A text that grep reads as one line. */
interface ComparedText {
  text: string;
  toOriginal(match: Match): Match;
}

export class TermVerifier {
  readonly #engine: SearchEngine;
  readonly #term: Term;
  readonly #isPhrase: boolean;
  readonly #ignoresMarks: boolean;

  /** @param term without marks if these are ignored */
  constructor(engine: SearchEngine, { join_hyphens, ignore_marks }: Options, term: QueryTerm) {
    this.#engine = engine;
    this.#isPhrase = !isPlain(term);
    this.#ignoresMarks = ignore_marks;
    this.#term = toPlainTerm(term, join_hyphens);
  }

  /**
   * Returns the non-empty matches in the text of each entry, in order, or `undefined` for an entry
   * that doesn't match.
   */
  async verify(entries: readonly EntryObject[], signal: AbortSignal): Promise<(Match[] | undefined)[]> {
    const slice = new TimeSlice();
    const compared: ComparedText[][] = [];
    for (const { text } of entries) {
      compared.push(this.#comparedTexts(text));
      if (slice.isExpired) await slice.yieldToEventLoop();
      signal.throwIfAborted();
    }
    const texts = compared.flat().map(({ text }) => text);
    const found = await this.#engine.matchTexts(this.#term, texts, signal);
    const results: (Match[] | undefined)[] = [];
    let at = 0;
    for (const parts of compared) {
      const matches = parts.flatMap(({ toOriginal }, index) => found[at + index]?.map(toOriginal) ?? []);
      const isMatch = parts.some((_, index) => found[at + index] !== undefined);
      // Two parts of one character, such as a Hangul syllable, may match by themselves.
      results.push(isMatch ? mergeMatches(matches) : undefined);
      at += parts.length;
      if (slice.isExpired) await slice.yieldToEventLoop();
      signal.throwIfAborted();
    }
    return results;
  }

  /** Only phrases match across line ends. */
  #comparedTexts(text: string): ComparedText[] {
    if (this.#isPhrase) {
      const compared = this.#withoutMarks(text);
      return [{ ...compared, text: phraseText(compared.text) }];
    }
    let start = 0;
    return text.split('\n').map((line) => {
      const lineStart = start;
      start += line.length + 1;
      const compared = this.#withoutMarks(line);
      const toOriginal = (match: Match): Match => {
        const [from, to] = compared.toOriginal(match);
        return [lineStart + from, lineStart + to];
      };
      return { ...compared, toOriginal };
    });
  }

  #withoutMarks(text: string): ComparedText {
    return this.#ignoresMarks ? unmarkedText(text) : { text, toOriginal: (match) => match };
  }
}

function toPlainTerm(term: QueryTerm, joinHyphens: boolean): Term {
  return isPlain(term) ? term : { ...term, term: phraseRegex(term.term, joinHyphens), syntax: 'regex' };
}
