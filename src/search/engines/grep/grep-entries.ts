// Puts entries together from what grep prints about a dictionary.

import type { Entry } from '../../engine.js';
import { Batch } from '../../entries/batch.js';
import { ContextEntries } from '../../entries/context-entries.js';
import { GROUP_END } from '../../grep/grep-output.js';
import { EVERY_LINE } from '../../grep/run-grep.js';
import { LineEntries } from './line-entries.js';
import { changed, type Portion } from './open-dictionary.js';
import { lineEndOf, type PortionGrep, seesLineEnd } from './portion-grep.js';
import type { Question } from './question.js';
import { MatchingLines, noMatchingLines, readQuotes } from './quotes.js';

/** What was found out when all entries have been given. */
export interface Outcome {
  readonly nrOfEntries: number;
  readonly wasCut: boolean;
}

export type Entries = AsyncGenerator<Entry[], Outcome, void>;

export interface GrepEntriesOptions {
  /** The longest line or quote that is given, in UTF-16 code units. */
  lineLength: number;
}

export class GrepEntries {
  readonly #portionGrep: PortionGrep;
  readonly #options: GrepEntriesOptions;

  constructor(portionGrep: PortionGrep, options: GrepEntriesOptions) {
    this.#portionGrep = portionGrep;
    this.#options = options;
  }

  of(question: Question): Entries {
    const { unit, format, n_before, n_after } = question.query;
    if (unit === 'quote') return this.#quotes(question);
    return format === 'text' && n_before + n_after === 0 ? this.#plainLines(question) : this.#lines(question);
  }

  /** Lines without context or place: the way of the least work. */
  async *#plainLines(question: Question): Entries {
    const lines = new LineEntries({
      selection: question.selection,
      longest: this.#options.lineLength,
      lineEnd: lineEndOf(question.pattern),
    });
    for await (const portion of this.#portions(question)) {
      for await (const output of this.#portionGrep.output(question, portion, [])) {
        const entries = lines.read(output);
        if (entries.length > 0) yield entries;
      }
    }
    return lines;
  }

  async *#lines(question: Question): Entries {
    const { n_before, n_after } = question.query;
    const context = ['-B', String(n_before), '-A', String(n_after)];
    const entries = this.#contextEntries(question);
    const batch = new Batch();
    for await (const portion of this.#portions(question)) {
      const nrBefore = entries.nrOfEntries;
      let itemsBeyond = 0;
      for await (const items of this.#portionGrep.lines(question, portion, context)) {
        for (const item of items) {
          for (const entry of item === GROUP_END ? entries.end() : entries.take(item)) {
            batch.add(entry);
            if (batch.isFull) yield batch.empty();
          }
          if (!entries.isOpen && !question.selection.wantsAny(entries.nrOfEntries, Number.POSITIVE_INFINITY))
            itemsBeyond += 1;
        }
        if (!batch.isEmpty) yield batch.empty();
        if (itemsBeyond > MAX_ITEMS_BEYOND) break;
      }
      for (const entry of entries.end()) {
        batch.add(entry);
        if (batch.isFull) yield batch.empty();
      }
      if (itemsBeyond > MAX_ITEMS_BEYOND) {
        const counts = await this.#portionGrep.counts(question, portion, { isReadAgain: true });
        entries.nrOfEntries = [...counts.values()].reduce((sum, count) => sum + count, nrBefore);
      }
    }
    if (!batch.isEmpty) yield batch.empty();
    return entries;
  }

  async *#quotes(question: Question): Entries {
    const { dictionary, pattern, signal } = question;
    const { n_before, n_after } = question.query;
    const entries = this.#contextEntries(question);
    const isEveryOneWanted = pattern === EVERY_LINE;
    const batch = new Batch();
    for await (const portion of this.#portions(question)) {
      const matching = isEveryOneWanted
        ? noMatchingLines()
        : new MatchingLines(this.#portionGrep.lines(question, portion, []));
      try {
        await matching.pass();
        for (const file of portion.files) {
          matching.file = file.path;
          if (!isEveryOneWanted && matching.current === undefined) continue;
          const text = portion.text ?? (await dictionary.openText(file));
          try {
            const isFortune = await dictionary.has('fortune', text, signal);
            const options = {
              file: file.path,
              isFortune,
              longest: this.#options.lineLength,
              onlyMatches: !isEveryOneWanted && n_before + n_after === 0,
            };
            for await (const quote of readQuotes(text.read(signal), matching, options)) {
              for (const entry of entries.take(isEveryOneWanted ? { ...quote, isMatch: true } : quote))
                batch.add(entry);
              if (batch.isFull) yield batch.empty();
              if (!isEveryOneWanted && matching.current === undefined && !entries.isOpen) break;
            }
          } finally {
            if (text !== portion.text) text.close();
          }
          for (const entry of entries.end()) {
            batch.add(entry);
            if (batch.isFull) yield batch.empty();
          }
          // grep has seen more lines than there are now.
          if (matching.current !== undefined) throw changed(question.query.dictionary);
        }
      } finally {
        await matching.close();
      }
    }
    if (!batch.isEmpty) yield batch.empty();
    return entries;
  }

  #portions({ pattern, dictionary, signal }: Question): AsyncGenerator<Portion, void, void> {
    return dictionary.portions(seesLineEnd(pattern), signal);
  }

  #contextEntries({ query: { n_before, n_after, format }, selection }: Question): ContextEntries {
    return new ContextEntries({ selection, n_before, n_after, format, longest: this.#options.lineLength });
  }
}

/**
 * When all that is wanted was given, the others are only counted. Few are counted as they come; for many a grep that does nothing
 * but count is quicker, though it begins anew: on a text of 1 GB where nearly all lines match, 1 s instead of 26 s for marked ones.
 */
const MAX_ITEMS_BEYOND = 10_000;
