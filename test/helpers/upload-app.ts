// The application with uploads, on a folder of its own.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TextStore } from '../../src/search/corpus/text-store.js';
import { openEngine } from '../../src/search/open-engine.js';
import { engineOptions } from './queries.js';
import { type AppOptions, type RunningApp, startApp } from './start-app.js';
import { type TempFolder, tempFolder } from './temp-folder.js';

export interface UploadApp extends RunningApp {
  dictionaries: string;
  /** Every path in the folder, also hidden ones. */
  paths: () => string[];
}

export interface UploadAppOptions extends AppOptions {
  maxBytes?: number;
  graceMs?: number;
}

/** Has the texts `old.txt` and `folder/inner.txt`. */
export async function startUploadApp(options: UploadAppOptions = {}): Promise<UploadApp> {
  const { maxBytes = 1_000_000, graceMs = 10_000, ...appOptions } = options;
  const folder: TempFolder = await tempFolder();
  const dictionaries = join(folder.path, 'dictionaries');
  mkdirSync(join(dictionaries, 'folder'), { recursive: true });
  writeFileSync(join(dictionaries, 'old.txt'), 'old love\n');
  writeFileSync(join(dictionaries, 'folder/inner.txt'), 'inner\n');
  const engine = await openEngine(engineOptions({ dictionariesDir: dictionaries }));
  const store = await TextStore.open(dictionaries);
  const app = await startApp({ engine, uploads: { store, limits: { maxBytes, graceMs } }, ...appOptions });
  return {
    ...app,
    dictionaries,
    paths: () => readdirSync(dictionaries, { recursive: true, encoding: 'utf8' }).sort(),
    close: async () => {
      await app.close();
      await store.close();
      await folder.remove();
    },
  };
}
