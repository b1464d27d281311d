// The answers of one worker: the same question at the same time is worked on once, and its answer is remembered as it goes out.
import type { Readable } from 'node:stream';
import { LRUCache } from 'lru-cache';
import { NextCall } from '../next-call.js';
import type { SearchEngine } from '../search/engine.js';
import { SharedCall } from '../shared-call.js';
import type { Asked } from './actions.js';
import { timeLimit } from './deadline.js';
import type { Notation } from './notation.js';
import { type Rendered, renderAnswer } from './render-answer.js';

export interface AnswersOptions {
  engine: SearchEngine;
  /** The most that is remembered, together. 0: nothing. */
  cacheBytes: number;
  searchTimeoutMs: number;
}

/** What goes out: all of it, or as it comes. */
export type Outgoing = { whole: Buffer } | { stream: (onBug: (error: unknown) => void) => Readable };

interface Kept {
  whole: Buffer;
  /** Of the dictionary that it is about. */
  version: string;
}

/** For who has begun it: others can't be given what is sent as it comes. */
interface Begun {
  rendered: Rendered;
  end: (reason: unknown) => void;
}

/** What an entry takes beside its key and its text, roughly. */
const ENTRY_BYTES = 500;
/** Keys may be as long as a body. */
const MOST_LARGE = 1_000;
/** Dictionaries whose versions are being looked up by name. */
const MOST_NAMES = 10_000;

export class Answers {
  readonly #options: AnswersOptions;
  readonly #kept: LRUCache<string, Kept> | undefined;
  /** Questions whose answers were too large to be shared. */
  readonly #large = new LRUCache<string, true>({ max: MOST_LARGE });
  readonly #underWay = new Map<string, SharedCall<Begun>>();
  readonly #versions = new LRUCache<string, NextCall<string | undefined>>({ max: MOST_NAMES });

  constructor(options: AnswersOptions) {
    this.#options = options;
    if (options.cacheBytes === 0) return;
    this.#kept = new LRUCache({
      maxSize: options.cacheBytes,
      sizeCalculation: ({ whole, version }, key) => whole.length + 2 * (key.length + version.length) + ENTRY_BYTES,
    });
  }

  /** @param signal ends the work where nobody else waits for it; asked for when there is work to do */
  async find(asked: Asked, notation: Notation, signal: () => AbortSignal): Promise<Outgoing> {
    if (asked.key === undefined) return this.#run(asked, notation, signal());
    const key = `${notation.type} ${asked.key}`;
    const kept = this.#kept?.get(key);
    if (kept !== undefined && kept.version === (await this.#version(asked.dictionary))) return kept;
    return this.#share(key, asked, notation, signal());
  }

  async #share(key: string, asked: Asked, notation: Notation, signal: AbortSignal): Promise<Outgoing> {
    const others = this.#underWay.get(key);
    if (others === undefined) {
      const call = new SharedCall((over) => this.#begin(key, asked, notation, over, signal));
      this.#underWay.set(key, call);
      const { rendered, end } = await call.join(signal);
      if ('whole' in rendered) return { whole: rendered.whole };
      signal.addEventListener('abort', () => end(signal.reason), { once: true });
      return rendered;
    }
    // It began before this was asked: the dictionary may have changed in between. Who could not use the answer does not wait for it.
    const version = await this.#version(asked.dictionary);
    if (version === undefined || this.#large.has(key)) return this.#run(asked, notation, signal);
    const shared = await others.join(signal).catch(() => undefined);
    signal.throwIfAborted();
    if (shared !== undefined && 'whole' in shared.rendered && shared.rendered.version === version) {
      return { whole: shared.rendered.whole };
    }
    return this.#run(asked, notation, signal);
  }

  /** @param first that of the one who has begun it, and is given what is sent as it comes */
  async #begin(key: string, asked: Asked, notation: Notation, over: AbortSignal, first: AbortSignal): Promise<Begun> {
    const limit = timeLimit(this.#options.searchTimeoutMs, over);
    try {
      const answer = asked.run(this.#options.engine, limit.signal);
      const rendered = await renderAnswer({ answer, notation, escaping: asked.escaping });
      if ('stream' in rendered) {
        this.#large.set(key, true);
        if (first.aborted) {
          await rendered.discard();
          throw first.reason;
        }
        const { stream, discard } = rendered;
        const lifting: Rendered = { stream: (onBug) => stream(onBug).once('close', limit.lift), discard };
        return { rendered: lifting, end: limit.end };
      }
      const { whole, version } = rendered;
      if (version !== undefined) this.#kept?.set(key, { whole, version });
      limit.lift();
      return { rendered, end: () => {} };
    } catch (error) {
      limit.lift();
      throw error;
    } finally {
      this.#underWay.delete(key);
    }
  }

  async #run({ run, escaping }: Asked, notation: Notation, signal: AbortSignal): Promise<Outgoing> {
    return renderAnswer({ answer: run(this.#options.engine, signal), notation, escaping });
  }

  #version(dictionary: string | undefined): Promise<string | undefined> {
    const name = dictionary ?? '';
    const call = this.#versions.get(name) ?? new NextCall(() => this.#options.engine.version(dictionary));
    this.#versions.set(name, call);
    return call.ask();
  }
}
