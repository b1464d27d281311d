// The answers of one worker: the same question at the same time is worked on once, and its answer is remembered as it goes out.
import type { ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import { raceAbort } from '../../concurrency/race-abort.js';
import type { SearchEngine } from '../../search/engine.js';
import { Deadline } from '../middleware/deadline.js';
import type { ParsedRequest } from './actions.js';
import type { AnswerFormat } from './answer-format.js';
import { type Rendered, renderAnswer, type Whole } from './answer-writer.js';
import { Doorkeeper } from './doorkeeper.js';

/** What became of the questions, told by the metrics. */
export interface AnswerCounts {
  hits: number;
  misses: number;
  /** Among the misses: those that were being worked on already. */
  joined: number;
  /** What is remembered. */
  bytes: number;
}

export function createAnswerCounts(): AnswerCounts {
  return { hits: 0, misses: 0, joined: 0, bytes: 0 };
}

export interface AnswersOptions {
  engine: SearchEngine;
  /** The most that is remembered, together. 0: nothing. */
  cacheBytes: number;
  searchTimeoutMs: number;
  counts: AnswerCounts;
}

/** What is worked on. */
interface Work {
  rendered: Promise<Rendered>;
  /** That of the one who asked first. Others can't be given what is sent as it comes. */
  deadline: Deadline;
}

/**
 * A Map with much coming and going leaves tables behind, and what they held is not collected before they are: an empty place, then,
 * and not all that a request consists of.
 */
interface Place {
  work: Work | undefined;
}

/** What an entry takes beside its key and its text, roughly. */
const ENTRY_BYTES = 500;
/** The total length of the keys in `#large`, in UTF-16 code units: one may be as long as a body. */
const MAX_LARGE_KEYS_LENGTH = 512 * 1024;

export class Answers {
  readonly #options: AnswersOptions;
  readonly #kept: LRUCache<string, Whole> | undefined;
  readonly #doorkeeper = new Doorkeeper();
  /** Questions whose answers were too large to be shared. */
  readonly #large = new LRUCache<string, true>({
    maxSize: MAX_LARGE_KEYS_LENGTH,
    sizeCalculation: (_, key) => key.length,
  });
  readonly #underWay = new Map<string, Place>();

  constructor(options: AnswersOptions) {
    this.#options = options;
    if (options.cacheBytes === 0) return;
    this.#kept = new LRUCache({
      maxSize: options.cacheBytes,
      sizeCalculation: sizeOf,
    });
  }

  /** What is remembered, if the dictionary is still the same. At once where that can be told at once. */
  recall(asked: ParsedRequest, answerFormat: AnswerFormat): Promise<Whole | undefined> | Whole | undefined {
    const key = keyOf(asked, answerFormat);
    const kept = key === undefined ? undefined : this.#kept?.get(key);
    if (kept === undefined) return undefined;
    const version = this.#options.engine.version(asked.dictionary);
    if (version instanceof Promise) return version.then((now) => this.#hit(kept, now));
    return this.#hit(kept, version);
  }

  #hit(kept: Whole, version: string | undefined): Whole | undefined {
    if (version !== kept.version) return undefined;
    this.#options.counts.hits += 1;
    return kept;
  }

  /** @param response where the answer goes; when it closes, the work ends, unless others wait for it */
  find(asked: ParsedRequest, answerFormat: AnswerFormat, response: ServerResponse): Promise<Rendered> {
    const key = keyOf(asked, answerFormat);
    this.#options.counts.misses += 1;
    if (key === undefined) return this.#run(asked, answerFormat, this.#deadline(response));
    const others = this.#underWay.get(key)?.work;
    if (others !== undefined) this.#options.counts.joined += 1;
    if (others !== undefined) return this.#join(others, key, asked, answerFormat, this.#deadline(response));
    return this.#begin(key, asked, answerFormat, response);
  }

  async #join(
    others: Work,
    key: string,
    asked: ParsedRequest,
    answerFormat: AnswerFormat,
    deadline: Deadline,
  ): Promise<Rendered> {
    others.deadline.share();
    try {
      // It began before this was asked: the dictionary may have changed in between. Who could not use the answer does not wait for it.
      const version = await this.#options.engine.version(asked.dictionary);
      if (version !== undefined && !this.#large.has(key)) {
        const shared = await raceAbort(others.rendered, deadline.signal).catch(() => undefined);
        if (shared !== undefined && 'whole' in shared && shared.version === version) return shared;
      }
    } finally {
      others.deadline.unshare();
    }
    deadline.signal.throwIfAborted();
    return this.#run(asked, answerFormat, deadline);
  }

  async #begin(
    key: string,
    asked: ParsedRequest,
    answerFormat: AnswerFormat,
    response: ServerResponse,
  ): Promise<Rendered> {
    const deadline = this.#deadline(response);
    const rendered = this.#run(asked, answerFormat, deadline);
    const place: Place = { work: { rendered, deadline } };
    this.#underWay.set(key, place);
    try {
      const found = await rendered;
      if ('whole' in found) {
        this.#keep(key, found);
        return found;
      }
      this.#large.set(key, true);
      if (response.closed) await found.discard();
      return found;
    } finally {
      place.work = undefined;
      this.#underWay.delete(key);
    }
  }

  /** While there is room all is remembered, and then what was asked for before: what is asked once does not displace what is asked again. */
  #keep(key: string, found: Whole): void {
    if (this.#kept === undefined || found.version === undefined) return;
    const hasRoom = this.#kept.calculatedSize + sizeOf(found, key) <= this.#kept.maxSize;
    if (this.#doorkeeper.knows(key) || hasRoom) this.#kept.set(key, found);
    this.#options.counts.bytes = this.#kept.calculatedSize;
  }

  #deadline(response: ServerResponse): Deadline {
    return new Deadline(response, this.#options.searchTimeoutMs);
  }

  #run({ run, escaping }: ParsedRequest, answerFormat: AnswerFormat, { signal }: Deadline): Promise<Rendered> {
    return renderAnswer({ answer: run(this.#options.engine, signal), answerFormat, escaping });
  }
}

/** In bytes. */
function sizeOf({ whole, version = '' }: Whole, key: string): number {
  return whole.length + 2 * (key.length + version.length) + ENTRY_BYTES;
}

function keyOf({ key }: ParsedRequest, { type }: AnswerFormat): string | undefined {
  return key === undefined ? undefined : `${type} ${key}`;
}
