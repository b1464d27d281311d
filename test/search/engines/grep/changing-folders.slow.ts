// Folders that change at every single step of a search.
import { describeFolderChanges } from './folder-changes.js';
import { describeFolderSteps } from './folder-steps.js';

describe('A search of a folder that changes at any step', function () {
  this.timeout(300_000);
  describeFolderSteps({ folders: 600, seed: Date.now() % 1_000_000 });
});

describe('A search of a folder that changed since the last search', function () {
  this.timeout(120_000);
  describeFolderChanges({ isThorough: true });
});
