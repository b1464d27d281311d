// Folders that change at every single step of a search.
import { describeFolderSteps } from './folder-steps.js';

describe('A search of a folder that changes at any step', function () {
  this.timeout(300_000);
  describeFolderSteps({ folders: 600, seed: Date.now() % 1_000_000 });
});
