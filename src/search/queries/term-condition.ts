// Decides which candidates match one term: grep by their texts, or, for candidates that an engine
// has truncated, a search of their file.
import type { EntryObject, Match, SearchEngine } from '../engine.js';
import type { QueryTerm } from '../query.js';
import { entriesOfTerm } from './entries-of-term.js';
import { comparePositions, EntryCursor } from './entry-cursor.js';
import type { EntrySource } from './entry-source.js';
import { isLong } from './long-quote.js';
import { TermVerifier } from './term-verifier.js';
import { unmarkedTerm } from './unmarked-term.js';

export class TermCondition {
  readonly #engine: SearchEngine;
  readonly #source: EntrySource;
  readonly #term: QueryTerm;
  readonly #verifier: TermVerifier;
  /** The entries of the file of the last long candidate. */
  #inFile: { file: string; entries: EntryCursor } | undefined;

  /** Throws `invalid_request` if nothing is left of the term without its marks. */
  constructor(engine: SearchEngine, source: EntrySource, term: QueryTerm) {
    this.#engine = engine;
    this.#source = { ...source, files: undefined, n_before: 0, n_after: 0, format: 'location' };
    this.#term = term;
    this.#verifier = new TermVerifier(engine, source, source.ignore_marks ? unmarkedTerm(term) : term);
  }

  /**
   * Returns the matches in each candidate, or `undefined` for one that doesn't match. Candidates must
   * be in file order.
   */
  async verify(candidates: readonly EntryObject[], signal: AbortSignal): Promise<(Match[] | undefined)[]> {
    const found = await this.#verifier.verify(candidates, signal);
    for (const [at, candidate] of candidates.entries()) {
      if (isLong(candidate, this.#engine)) {
        found[at] = (await this.#isInFile(candidate, signal)) ? (found[at] ?? []) : undefined;
      }
    }
    return found;
  }

  async close(): Promise<void> {
    await this.#inFile?.entries.close();
  }

  async #isInFile(candidate: EntryObject, signal: AbortSignal): Promise<boolean> {
    const { file } = candidate;
    if (this.#inFile?.file !== file) {
      await this.#inFile?.entries.close();
      const source = { ...this.#source, dictionary: file };
      this.#inFile = { file, entries: new EntryCursor(entriesOfTerm(this.#engine, source, this.#term, signal)) };
    }
    const { entries } = this.#inFile;
    for (;;) {
      await entries.read();
      const { current } = entries;
      if (current === undefined || comparePositions(current, candidate) > 0) return false;
      if (comparePositions(current, candidate) === 0) return true;
      entries.advance();
    }
  }
}
