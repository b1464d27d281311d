// What a call gave lately, for those who need not know the very latest.

interface Known<Value> {
  value: Promise<Value>;
  atMs: number;
}

export class Recent<Value> {
  readonly #call: () => Promise<Value>;
  readonly #ageMs: number;
  #known: Known<Value> | undefined;

  /** @param ageMs how old what is known may be */
  constructor(call: () => Promise<Value>, ageMs: number) {
    this.#call = call;
    this.#ageMs = ageMs;
  }

  /** A failure is not remembered. */
  get(): Promise<Value> {
    const nowMs = performance.now();
    if (this.#known !== undefined && nowMs - this.#known.atMs < this.#ageMs) return this.#known.value;
    const known = { value: this.#call(), atMs: nowMs };
    this.#known = known;
    known.value.catch(() => {
      if (this.#known === known) this.#known = undefined;
    });
    return known.value;
  }
}
