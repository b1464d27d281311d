// Bounds the large answers that are kept in memory because several clients share them.
import type { ServerResponse } from 'node:http';

/** In UTF-16 code units. A larger answer is streamed to each client. */
export const MAX_SHARED_LENGTH = 512 * 1024;
/** At most 24 MiB in total, or 8 MiB if all of them are ASCII. */
const MAX_SHARED_ANSWERS = 16;

export class SharedAnswers {
  #count = 0;

  createUsers(): AnswerUsers {
    return new AnswerUsers({
      acquire: () => {
        if (this.#count >= MAX_SHARED_ANSWERS) return false;
        this.#count += 1;
        return true;
      },
      release: () => {
        this.#count -= 1;
      },
    });
  }
}

interface Permit {
  /** Returns whether there was a permit left. */
  acquire: () => boolean;
  release: () => void;
}

/**
 * The clients that wait for one answer or are reading it. A large answer counts until the last of
 * them has read it or left, so clients that read slowly can't accumulate more.
 */
export class AnswerUsers {
  readonly #permit: Permit;
  #count = 0;
  #hasPermit = false;

  constructor(permit: Permit) {
    this.#permit = permit;
  }

  /** Adds a client until its response closes, or the returned function is called. */
  add(response: ServerResponse): () => void {
    if (response.closed) return () => {};
    this.#count += 1;
    let isUser = true;
    const remove = () => {
      if (isUser) this.#remove();
      isUser = false;
    };
    response.once('close', remove);
    return remove;
  }

  /** Whether to buffer an answer of this length so that several clients can share it. */
  mayShare(length: number): boolean {
    if (length > MAX_SHARED_LENGTH) return false;
    if (!this.#hasPermit && this.#count > 1) this.#hasPermit = this.#permit.acquire();
    return this.#hasPermit;
  }

  #remove(): void {
    this.#count -= 1;
    if (this.#count > 0 || !this.#hasPermit) return;
    this.#hasPermit = false;
    this.#permit.release();
  }
}
