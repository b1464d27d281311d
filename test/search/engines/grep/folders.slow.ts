// Like `folders.test.ts`, with more generated searches.
import { folderQuestions } from './folder-questions.js';

folderQuestions({
  questions: new Map([
    [1, 60],
    [140, 50],
    [3_000, 12],
  ]),
  batchedFolders: 10,
});
