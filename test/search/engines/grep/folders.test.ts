// Generated searches in folders. `folders.slow.ts` runs more of them.
import { folderQuestions } from './folder-questions.js';

folderQuestions({
  questions: new Map([
    [1, 6],
    [140, 4],
    [3_000, 1],
  ]),
  batchedFolders: 1,
});
