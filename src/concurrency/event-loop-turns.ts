// Spreads short pieces of synchronous work over iterations of the event loop. A time slice bounds
// one piece; many callers that arrive together would otherwise run theirs one after the other
// before anything else.
import { setImmediate as nextIteration } from 'node:timers/promises';

let last: Promise<unknown> = Promise.resolve();

/** Resolves in an iteration of the event loop in which it resolves for no other caller. */
export function ownTurn(): Promise<void> {
  const turn = last.then(() => nextIteration());
  last = turn;
  return turn;
}
