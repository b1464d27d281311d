// Like `folders.test.ts`, with more generated searches.
import { folderQuestions } from './folder-questions.js';

folderQuestions({
  questions: new Map([
    [1, 25],
    [140, 18],
    [3_000, 5],
  ]),
  batchedFolders: 6,
});
