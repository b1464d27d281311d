// Searches of a folder as it was found last: grep starts without looking the folder up again, and
// the answer is withheld until a look-up that began after the request proves the folder unchanged.
import { type Answer, type Entry, entryLength } from '../../engine.js';

/** A folder is no longer as it was found. The search starts over in what a look-up finds now. */
export class StaleFolderError extends Error {
  override readonly name = 'StaleFolderError';
}

/** What an answer is read from. */
export interface Provable {
  readonly isProven: boolean;
  /** Throws StaleFolderError. */
  prove(): Promise<void>;
}

/** How much of an answer is withheld before it is worth a look-up, in UTF-16 code units. */
const MAX_WITHHELD_LENGTH = 64 * 1024;

/** Yields nothing before the folder is proven. The end of an answer proves it, too. */
export async function* withholdUntilProven(answer: Answer, folder: Provable): Answer {
  const withheld: Entry[][] = [];
  let length = 0;
  try {
    for (;;) {
      const step = await answer.next();
      if (step.done) {
        yield* withheld;
        return step.value;
      }
      withheld.push(step.value);
      for (const entry of step.value) length += entryLength(entry);
      if (!folder.isProven && length < MAX_WITHHELD_LENGTH) continue;
      if (!folder.isProven) await folder.prove();
      yield* withheld.splice(0);
    }
  } finally {
    await answer.return({ nrOfEntries: 0 });
  }
}
