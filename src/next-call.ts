// One call for everybody who asks before it begins: its result is as fresh as that of a call of one's own.

export class NextCall<Value> {
  readonly #start: () => Promise<Value>;
  #running: Promise<Value> | undefined;
  #next: Promise<Value> | undefined;

  constructor(start: () => Promise<Value>) {
    this.#start = start;
  }

  ask(): Promise<Value> {
    if (this.#running === undefined) return this.#begin();
    // What is under way may have seen things as they were before this was asked.
    this.#next ??= this.#running.then(
      () => this.#begin(),
      () => this.#begin(),
    );
    return this.#next;
  }

  #begin(): Promise<Value> {
    const running = this.#start();
    const end = () => {
      if (this.#running === running) this.#running = undefined;
    };
    this.#next = undefined;
    this.#running = running;
    running.then(end, end);
    return running;
  }
}
