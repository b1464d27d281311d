// Like `changing-folders.test.ts`, with more steps, sizes and forms of searches. EVERY_STEP=1 tries
// every step, which takes minutes.
import { describeFolderChanges } from './folder-changes.js';
import { describeFolderSteps } from './folder-steps.js';

describe('A search of a folder that changes at any step', function () {
  this.timeout(600_000);
  const samples = process.env.EVERY_STEP === undefined ? { samples: 1 } : {};
  describeFolderSteps({ ...samples, folders: 400, seed: 20_261_202 });
});

describe('A search of a folder of any size that changed since the last search', function () {
  this.timeout(60_000);
  describeFolderChanges({ isThorough: true });
});
