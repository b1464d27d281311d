// The client in runtimes other than Node.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join, normalize } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { pino } from 'pino';
import { ApiKeys, createApiKey } from '../../src/auth/api-keys.js';
import { openEngine } from '../../src/search/open-engine.js';
import { inBrowser } from '../helpers/browser.js';
import { describeWith } from '../helpers/programs.js';
import { PROJECT } from '../helpers/project.js';
import { engineOptions } from '../helpers/queries.js';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.js';
import { type RunningApp, startApp } from '../helpers/start-app.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';
import type { Servers } from './exercise.js';
import { exercise } from './exercise.js';

const run = promisify(execFile);
const DIST = join(PROJECT, 'dist');
const EXERCISE = 'test/client/exercise.js';

const EXPECTED = {
  text: '            O, I love to hear',
  length: 31_102,
  summary: { nrOfEntries: 31_102 },
  nrOfDictionaries: 1,
  unknown: 'ApiError 404 unknown_folder',
  denied: 'ApiError 401 unauthorized',
  aborted: 'enough',
  read: ['a'],
  brokeOff: 'ConnectionError',
  redirected: 'UnexpectedAnswerError',
};

/** Starts the servers of the exercise before the tests of a suite, and closes them after it. */
function useServers() {
  let folder: TempFolder;
  let app: RunningApp;
  let broken: ScriptedServer;
  let pages: ScriptedServer;
  const { key, line } = createApiKey('reader');
  before(async () => {
    folder = await tempFolder();
    await writeFile(join(folder.path, 'keys'), line);
    const keys = new ApiKeys(join(folder.path, 'keys'), pino({ level: 'silent' }));
    const dictionariesDir = join(PROJECT, 'dictionaries');
    const engine = await openEngine(engineOptions({ dictionariesDir, defaultDictionary: 'devils-dictionary.txt' }));
    pages = await startScriptedServer([servePage]);
    app = await startApp({ engine, keys, corsOrigins: [pages.url] });
    broken = await startScriptedServer([serveBroken(() => broken)]);
  });
  after(async () => {
    await Promise.all([app.close(), broken.close(), pages.close()]);
    await folder.remove();
  });
  return {
    page: () => pages.url,
    folder: () => folder.path,
    servers: (): Servers => ({ url: app.url, key, brokenUrl: broken.url }),
  };
}

/** Serves an empty page, and the modules of the build. */
const servePage: RequestListener = async ({ url = '/' }, response) => {
  const type = url === '/' ? 'text/html' : 'text/javascript';
  const text = url === '/' ? '<link rel="icon" href="data:,">' : await readFile(DIST + normalize(url));
  response.writeHead(200, { 'Content-Type': type }).end(text);
};

/** Answers with the beginning of a stream, which breaks off at the next request. */
function serveBroken(server: () => ScriptedServer): RequestListener {
  return ({ method, url = '', headers }, response) => {
    const cors = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': 'Content-Type' };
    if (method === 'OPTIONS') response.writeHead(204, cors).end();
    else if (url.startsWith('/redirect/')) response.writeHead(307, { ...cors, Location: '/' }).end();
    else if (headers.accept?.includes('ndjson')) {
      response.writeHead(200, { ...cors, 'Content-Type': 'application/x-ndjson' }).write('"a"\n"b');
    } else {
      for (const { response: earlier } of server().requests) if (earlier !== response) earlier.destroy();
      response.writeHead(500, cors).end();
    }
  };
}

describe('the client in Node', function () {
  this.timeout(60_000);
  const { servers } = useServers();

  it('passes the exercise that other runtimes run, too', async () => {
    expect(await exercise(servers())).to.deep.equal(EXPECTED);
  });
});

for (const [name, home, args, configured] of [
  ['deno', 'https://deno.com', ['run', '--no-config', '--allow-net', '--allow-read'], process.env.DENO],
  ['bun', 'https://bun.sh', ['run'], process.env.BUN],
] as const) {
  describeWith(`the client in ${name}`, { names: [name], packages: new URL(home), configured }, function (program) {
    this.timeout(60_000);
    const { folder, servers } = useServers();

    it('does the same as in Node', async () => {
      const script = join(folder(), 'script.mjs');
      const module = JSON.stringify(pathToFileURL(join(DIST, EXERCISE)).href);
      const call = `console.log(JSON.stringify(await exercise(${JSON.stringify(servers())})));`;
      await writeFile(script, `import { exercise } from ${module};\n${call}\n`);
      const { stdout } = await run(program, [...args, script], { timeout: 50_000 });
      expect(JSON.parse(stdout)).to.deep.equal(EXPECTED);
    });
  });
}

inBrowser('the client in Chromium', ({ open, expectErrors }) => {
  const { page, servers } = useServers();

  it('does the same as in Node, on a page of another origin', async () => {
    // The requests to the other origins, and their error statuses.
    expectErrors();
    const opened = await open(page());
    const call = `import('/${EXERCISE}').then(({ exercise }) => exercise(${JSON.stringify(servers())}))`;
    expect(await opened.evaluate(call)).to.deep.equal(EXPECTED);
  });
});
