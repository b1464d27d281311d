// Long work in pieces: others have their turn of the event loop in between.
import { setImmediate as othersTurn } from 'node:timers/promises';

/** The longest that one may keep all others waiting, but for what a single step takes. */
const TURN_MS = 5;

export class Turns {
  #began = performance.now();

  get isOver(): boolean {
    return performance.now() - this.#began > TURN_MS;
  }

  /** Lets the others have theirs. */
  async pass(): Promise<void> {
    await othersTurn();
    this.#began = performance.now();
  }
}
