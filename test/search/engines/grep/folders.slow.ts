// Like `folders.test.ts`, with more generated searches.
import { folderQuestions } from './folder-questions.js';

folderQuestions({
  questions: new Map([
    [1, 100],
    [140, 80],
    [3_000, 20],
  ]),
  batchedFolders: 10,
});
