// Generated searches in folders. `folders.slow.ts` runs more of them.
import { folderQuestions } from './folder-questions.js';

folderQuestions({
  questions: new Map([
    [1, 12],
    [140, 8],
    [3_000, 4],
  ]),
  batchedFolders: 1,
});
