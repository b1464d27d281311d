// Folders that change before, during and between searches. `changing-folders.slow.ts` tries more.
import { describeChangesDuringAnswers, describeFolderChanges } from './folder-changes.js';
import { describeFolderSteps } from './folder-steps.js';

describe('A search of a folder that changes at some step', function () {
  this.timeout(30_000);
  describeFolderSteps({ samples: 1, folders: 130, seed: 20_261_201 });
});

describe('A search of a folder that changed since the last search', function () {
  this.timeout(30_000);
  describeFolderChanges({ isThorough: false });
});

describe('A search of a folder that changes while its answer is read', () => {
  describeChangesDuringAnswers();
});
