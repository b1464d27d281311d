// The answers of one worker: concurrent equal requests share one search, and rendered answers are
// cached for as long as their dictionary stays the same.
import type { ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import { raceAbort } from '../../concurrency/race-abort.js';
import type { QueryEngine } from '../../search/query.js';
import { Deadline } from '../middleware/deadline.js';
import type { AnswerFormat } from './answer-format.js';
import { Doorkeeper } from './doorkeeper.js';
import type { ParsedRequest } from './parse-request.js';
import { type CompleteAnswer, type RenderedAnswer, renderAnswer } from './render-answer.js';
import { type AnswerUsers, MAX_SHARED_LENGTH, SharedAnswers } from './shared-answers.js';

/** Counts for the metrics. */
export interface AnswerCounts {
  hits: number;
  misses: number;
  /** The misses that joined a search in flight. */
  joined: number;
  /** The size of the cache. */
  bytes: number;
}

export function createAnswerCounts(): AnswerCounts {
  return { hits: 0, misses: 0, joined: 0, bytes: 0 };
}

export interface AnswerCacheOptions {
  /** The maximum size of the cache. 0 disables it. */
  cacheBytes: number;
  searchTimeoutMs: number;
  counts: AnswerCounts;
}

/** Runs the search. `mayBuffer` is that of `renderAnswer`. */
type Render = (mayBuffer?: (length: number) => boolean) => Promise<RenderedAnswer>;

/** An answer that is being rendered. */
interface Flight {
  answer: Promise<RenderedAnswer>;
  /** The deadline of the first request, which others extend while they wait. */
  deadline: Deadline;
  users: AnswerUsers;
}

/**
 * A high-churn Map can keep stale backing tables alive, and with them whole requests. So the map's
 * values are holders that are cleared when the flight ends.
 */
interface FlightHolder {
  flight: Flight | undefined;
}

/** Roughly the size of an entry without its key and body. */
const ENTRY_OVERHEAD_BYTES = 500;
/** The total length of the keys in `#tooLarge`, in UTF-16 code units: keys can be long. */
const MAX_TOO_LARGE_KEYS_LENGTH = 512 * 1024;

export class AnswerCache {
  readonly #options: AnswerCacheOptions;
  readonly #cache: LRUCache<string, CompleteAnswer> | undefined;
  readonly #doorkeeper = new Doorkeeper();
  readonly #sharedAnswers = new SharedAnswers();
  /** The keys of answers that other requests waited for, but that were too large to share. */
  readonly #tooLarge = new LRUCache<string, true>({
    maxSize: MAX_TOO_LARGE_KEYS_LENGTH,
    sizeCalculation: (_, key) => key.length,
  });
  readonly #inFlight = new Map<string, FlightHolder>();
  /** Each engine has answers of its own. */
  readonly #engineIds = new WeakMap<QueryEngine, number>();
  #nrOfEngines = 0;

  constructor(options: AnswerCacheOptions) {
    this.#options = options;
    if (options.cacheBytes === 0) return;
    this.#cache = new LRUCache({ maxSize: options.cacheBytes, sizeCalculation: sizeOf });
  }

  /**
   * Returns the cached answer, or `undefined` if there is none for the current version.
   * Returns a promise only if the engine needs one to find out the version.
   */
  get(
    request: ParsedRequest,
    format: AnswerFormat,
    engine: QueryEngine,
  ): Promise<CompleteAnswer | undefined> | CompleteAnswer | undefined {
    const key = this.#keyOf(request, format, engine);
    const cached = key === undefined ? undefined : this.#cache?.get(key);
    if (cached === undefined) return undefined;
    const version = engine.version(request.dictionary);
    if (version instanceof Promise) return version.then((current) => this.#validate(cached, current));
    return this.#validate(cached, version);
  }

  #validate(cached: CompleteAnswer, version: string | undefined): CompleteAnswer | undefined {
    if (version !== cached.version) return undefined;
    this.#options.counts.hits += 1;
    return cached;
  }

  /**
   * Runs the search, or joins one in flight, and caches the answer.
   * @param response aborts the search when it closes, unless other requests wait for it
   */
  resolve(
    request: ParsedRequest,
    format: AnswerFormat,
    engine: QueryEngine,
    response: ServerResponse,
  ): Promise<RenderedAnswer> {
    const key = this.#keyOf(request, format, engine);
    const deadline = new Deadline(response, this.#options.searchTimeoutMs);
    this.#options.counts.misses += 1;
    const render = (mayBuffer?: (length: number) => boolean) =>
      renderAnswer({ answer: request.run(engine, deadline.signal), format, escaping: request.escaping, mayBuffer });
    if (key === undefined) return render();
    const flight = this.#inFlight.get(key)?.flight;
    if (flight === undefined) return this.#start(key, render, deadline, response);
    if (this.#tooLarge.has(key)) return render();
    this.#options.counts.joined += 1;
    const version = () => engine.version(request.dictionary);
    return this.#join(flight, key, { render, version }, deadline, response);
  }

  async #join(
    flight: Flight,
    key: string,
    { render, version: currentVersion }: { render: Render; version: () => ReturnType<QueryEngine['version']> },
    deadline: Deadline,
    response: ServerResponse,
  ): Promise<RenderedAnswer> {
    flight.deadline.retain();
    const leave = flight.users.add(response);
    try {
      // The dictionary may have changed since the flight began. Don't wait for an unusable answer.
      const version = await currentVersion();
      if (version !== undefined && !this.#tooLarge.has(key)) {
        const answer = await raceAbort(flight.answer, deadline.signal).catch(() => undefined);
        if (answer !== undefined && 'body' in answer && answer.version === version) return answer;
      }
    } finally {
      flight.deadline.release();
    }
    leave();
    deadline.signal.throwIfAborted();
    return render();
  }

  async #start(key: string, render: Render, deadline: Deadline, response: ServerResponse): Promise<RenderedAnswer> {
    const users = this.#sharedAnswers.createUsers();
    users.add(response);
    const mayBuffer = (length: number) => {
      if (length > MAX_SHARED_LENGTH) this.#tooLarge.set(key, true);
      return users.mayShare(length);
    };
    const rendering = render(mayBuffer);
    const holder: FlightHolder = { flight: { answer: rendering, deadline, users } };
    this.#inFlight.set(key, holder);
    try {
      const answer = await rendering;
      if ('body' in answer) {
        this.#store(key, answer);
        return answer;
      }
      if (response.closed) await answer.discard();
      return answer;
    } finally {
      holder.flight = undefined;
      this.#inFlight.delete(key);
    }
  }

  /** A full cache admits only keys that were requested before: one-off requests evict nothing. */
  #store(key: string, answer: CompleteAnswer): void {
    if (this.#cache === undefined || answer.version === undefined || answer.isLarge) return;
    const hasRoom = this.#cache.calculatedSize + sizeOf(answer, key) <= this.#cache.maxSize;
    if (this.#doorkeeper.admit(key) || hasRoom) this.#cache.set(key, answer);
    this.#options.counts.bytes = this.#cache.calculatedSize;
  }

  /** Returns `undefined` if the answer must not be cached. */
  #keyOf({ cacheKey }: ParsedRequest, { mediaType }: AnswerFormat, engine: QueryEngine): string | undefined {
    return cacheKey === undefined ? undefined : `${this.#idOf(engine)} ${mediaType} ${cacheKey}`;
  }

  #idOf(engine: QueryEngine): number {
    const known = this.#engineIds.get(engine);
    if (known !== undefined) return known;
    this.#nrOfEngines += 1;
    this.#engineIds.set(engine, this.#nrOfEngines);
    return this.#nrOfEngines;
  }
}

/** In bytes. */
function sizeOf({ body, version = '' }: CompleteAnswer, key: string): number {
  return body.length + 2 * (key.length + version.length) + ENTRY_OVERHEAD_BYTES;
}
