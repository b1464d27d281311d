// Like `folders.test.ts`, with more generated searches.
import { folderQuestions } from './folder-questions.js';

folderQuestions({
  questions: new Map([
    [1, 40],
    [140, 30],
    [3_000, 8],
  ]),
  batchedFolders: 10,
});
