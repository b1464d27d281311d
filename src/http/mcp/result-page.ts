// The results of one tool call: as many as fit into its token budget.
import { estimateTokens } from './token-estimate.js';

/** For what surrounds the results: the counts, the offset of the next page and the notes. */
const RESERVED_TOKENS = 200;
/** One huge result must not displace all others. */
const MAX_SHARE = 1 / 4;

/** A result as structured content and as text: a client may show a model either, or both. */
export interface RenderedResult<Some> {
  result: Some;
  text: string;
  /** Whether texts of it were cut to fit. */
  isShortened: boolean;
}

export class ResultPage<Some> {
  readonly results: Some[] = [];
  readonly texts: string[] = [];
  /** The indexes of the shortened results. */
  readonly shortened: number[] = [];
  /** How many tokens a result may take before it is shortened. */
  readonly maxResultTokens: number;
  #freeTokens: number;
  #isFull = false;

  /** @param frame what surrounds the results and may be long, like a file name */
  constructor(maxTokens: number, frame = '') {
    this.#freeTokens = maxTokens - RESERVED_TOKENS - 2 * estimateTokens(frame);
    this.maxResultTokens = Math.floor(maxTokens * MAX_SHARE);
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  get freeTokens(): number {
    return this.#freeTokens;
  }

  /** Adds a result if it fits. The first one always does, so that paging makes progress. */
  add({ result, text, isShortened }: RenderedResult<Some>): boolean {
    if (this.#isFull) return false;
    const tokens = costOf(result, text);
    this.#isFull = tokens > this.#freeTokens && this.results.length > 0;
    if (this.#isFull) return false;
    this.#freeTokens -= tokens;
    if (isShortened) this.shortened.push(this.results.length);
    this.results.push(result);
    this.texts.push(text);
    return true;
  }
}

/** Estimates the tokens of a result, including separators. */
export function costOf(result: unknown, text: string): number {
  return estimateTokens(`${JSON.stringify(result)},`) + estimateTokens(`${text}\n`);
}
