// One call for everybody who wants its result at the same time.

interface Call<Value> {
  result: Promise<Value>;
  isOver: boolean;
  controller: AbortController;
  callers: number;
}

export class SharedCall<Value> {
  readonly #start: (signal: AbortSignal) => Promise<Value>;
  #current: Call<Value> | undefined;

  /** @param start its signal aborts when nobody waits any more and there is no result yet */
  constructor(start: (signal: AbortSignal) => Promise<Value>) {
    this.#start = start;
  }

  /** The result of the call that is under way, or of a new one. Throws what that throws, or the signal's reason: the others go on waiting. */
  async join(signal: AbortSignal): Promise<Value> {
    signal.throwIfAborted();
    this.#current ??= this.#begin();
    const call = this.#current;
    call.callers += 1;
    let leave = () => {};
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason);
    });
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([call.result, left]);
    } finally {
      signal.removeEventListener('abort', leave);
      call.callers -= 1;
      if (call.callers === 0 && !call.isOver) {
        // Whoever comes now must not join what is about to end.
        this.#forget(call);
        call.controller.abort();
      }
    }
  }

  #begin(): Call<Value> {
    const controller = new AbortController();
    const call = { result: this.#start(controller.signal), controller, callers: 0, isOver: false };
    const end = () => {
      call.isOver = true;
      this.#forget(call);
    };
    // First of all, and also where nobody waits any more.
    call.result.then(end, end);
    return call;
  }

  #forget(call: Call<Value>): void {
    if (this.#current === call) this.#current = undefined;
  }
}
