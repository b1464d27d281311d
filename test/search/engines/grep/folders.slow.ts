// Like `folders.test.ts`, with more generated searches.
import { folderQuestions } from './folder-questions.js';

folderQuestions({
  questions: new Map([
    [1, 15],
    [140, 10],
    [3_000, 3],
  ]),
  batchedFolders: 3,
});
