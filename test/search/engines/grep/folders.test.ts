// Generated searches in folders. `folders.slow.ts` runs more of them.
import { folderQuestions } from './folder-questions.js';

folderQuestions({
  questions: new Map([
    [1, 10],
    [140, 7],
    [3_000, 3],
  ]),
  batchedFolders: 1,
});
