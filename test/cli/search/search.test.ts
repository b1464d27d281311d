import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';

import { ApiKeys, createApiKey } from '../../../src/auth/api-keys.js';
import { type SearchIo, search } from '../../../src/cli/search/search.js';
import { begin, startScriptedServer } from '../../helpers/scripted-server.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';
import { useFixtureApp } from '../../helpers/use-app.js';

interface Outcome {
  status: number | string;
  stdout: string;
  stderr: string;
}

/** Runs the command in this process. A rejection becomes the status. */
async function run(args: string[], env: SearchIo['env'], isTTY = false): Promise<Outcome> {
  const [stdout, stderr] = [Object.assign(new PassThrough(), { isTTY }), new PassThrough()];
  const texts = Promise.all([text(stdout), text(stderr)]);
  const status = await search(args, { stdout, stderr, env }).catch((error: Error) => error.message);
  stdout.end();
  stderr.end();
  const [out, err] = await texts;
  return { status, stdout: out, stderr: err };
}

describe('grepd search', () => {
  const suite = useFixtureApp();
  const grepd = (args: string[], env: SearchIo['env'] = {}, isTTY = false) =>
    run(args, { GREPD_URL: suite.url, ...env }, isTTY);

  it('prints JSON lines into a pipe, and exits with 0 if something matches', async () => {
    const { status, stdout, stderr } = await grepd(['two love', '--dictionary', 'plain.txt']);
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(JSON.parse(stdout)).to.deep.equal({
      file: 'plain.txt',
      line: 2,
      text: 'two love',
      before: [],
      after: [],
      matches: [[0, 8]],
    });
  });

  it('prints text with colors on a terminal, unless NO_COLOR is set', async () => {
    const args = ['two love', '--dictionary', 'plain.txt'];
    expect((await grepd(args, {}, true)).stdout).to.include('\x1b[01;31mtwo love\x1b[m\n');
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }])
      expect((await grepd(args, env, true)).stdout).to.equal('plain.txt:2:two love\n');
    expect((await grepd([...args, '--color=never'], {}, true)).stdout).to.equal('plain.txt:2:two love\n');
    expect((await grepd([...args, '--json'], {}, true)).stdout).to.match(/^\{"file":"plain.txt",/);
    expect((await grepd([...args, '--no-json', '--color=always'])).stdout).to.include('\x1b[01;31m');
  });

  it('shows a terminal each entry when it arrives, before the search ends', async () => {
    const server = await startScriptedServer([
      begin({ 'Content-Type': 'application/x-ndjson' }, '{"file":"a","entries":1}\n'),
    ]);
    try {
      const stdout = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true });
      const io = { stdout, stderr: new PassThrough(), env: { GREPD_URL: server.url, NO_COLOR: '1' } };
      const status = search(['-c', 'x'], io);
      expect(await once(stdout, 'data')).to.deep.equal(['a:1\n']);
      server.requests[0]?.response.end('{"nr of entries":1}\n');
      expect(await status).to.equal(0);
    } finally {
      await server.close();
    }
  });

  it('separates contexts, and numbers their lines', async () => {
    const { stdout } = await grepd(['-C1', '--no-json', '-m2', 'love', '--dictionary', 'plain.txt']);
    expect(stdout).to.equal(
      'plain.txt-1-one\nplain.txt:2:two love\nplain.txt-3-three\n--\n' +
        'plain.txt-3-three\nplain.txt:4:four love\nplain.txt-5-five love\n',
    );
  });

  it('searches several dictionaries, and counts', async () => {
    const args = ['-c', 'love', '--no-json', '--dictionary', 'plain.txt', '--dictionary', 'folder'];
    const { status, stdout } = await grepd(args);
    expect(status).to.equal(0);
    expect(stdout.trim().split('\n').sort()).to.deep.equal([
      'folder/a.txt:1',
      'folder/a/z.txt:1',
      'folder/b.txt:1',
      'folder/link-in.txt:4',
      'plain.txt:4',
    ]);
  });

  it('exits with 1 if nothing matches', async () => {
    expect(await grepd(['no such text'])).to.deep.equal({ status: 1, stdout: '', stderr: '' });
    expect(await grepd(['-c', 'no such text'])).to.deep.equal({ status: 1, stdout: '', stderr: '' });
  });

  it('exits with 0 if all that matches is skipped', async () => {
    expect(await grepd(['love', '--offset', '1000'])).to.deep.equal({ status: 0, stdout: '', stderr: '' });
  });

  it("reports the service's error, with the names of options and no control characters", async () => {
    expect((await grepd(['love', '--dictionary', 'a\x1b[2J'])).status).to.match(
      /^There is no dictionary named "a(\\u001b|␛)\[2J"/,
    );
    expect((await grepd(['love', '--unit', 'page'])).status).to.match(
      /^"--unit" must be "line" or "quote", got "page"/,
    );
    expect((await grepd([])).status).to.match(/^"--term" is required/);
  });

  it("rejects an invalid URL, and reports a service that can't be reached", async () => {
    expect((await run(['x', '--url', 'nowhere'], {})).status).to.equal(
      '"--url" must be an absolute http: or https: URL, got "nowhere".',
    );
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.close();
    await once(server, 'close');
    expect((await run(['x', '--url', url], {})).status).to.match(/^Can't reach http:\/\/127.*ECONNREFUSED/);
  });

  it('ends without an error when the reader of its output exits', async () => {
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    });
    const stderr = new PassThrough();
    expect(await search(['love'], { stdout, stderr, env: { GREPD_URL: suite.url } })).to.equal(0);
    expect(stderr.read()).to.equal(null);
  });
});

describe('grepd search, of a service that answers badly', () => {
  async function answering(body: string, status = 200): Promise<Outcome> {
    const server = createServer((_, response) => {
      const type = status === 200 ? 'application/x-ndjson' : 'application/json';
      response.writeHead(status, { 'Content-Type': type }).end(body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      return await run(['x'], { GREPD_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it('exits with 2 if the answer ends early, and warns if lines were cut', async () => {
    const entry = '{"file":"a","line":1,"text":"x","before":[],"after":[],"matches":[]}\n';
    expect(await answering(`${entry}{"nr of entries":1,"truncated":"time"}\n`)).to.deep.equal({
      status: 2,
      stdout: entry,
      stderr: 'The answer is incomplete: time\n',
    });
    expect(await answering(`${entry}{"nr of entries":1,"truncated":"line_length"}\n`)).to.include({ status: 0 });
  });

  it("passes no control character of the service's error to the terminal", async () => {
    const body = JSON.stringify({ Code: 400, message: 'a\x1b[2J\x9b' });
    expect((await answering(body, 400)).status).to.equal('a␛[2J\ufffd');
  });

  it('fails if the answer breaks off, after what has arrived', async () => {
    const entry = '{"file":"a","line":1,"text":"x","before":[],"after":[],"matches":[]}\n';
    const { status, stdout } = await answering(entry);
    expect(status).to.match(/broke off/);
    expect(stdout).to.equal(entry);
  });
});

describe('grepd search, with keys', () => {
  const { key, line } = createApiKey('reader');
  let folder: TempFolder;
  before(async () => {
    folder = await tempFolder();
    await writeFile(join(folder.path, 'keys'), line);
    await writeFile(join(folder.path, 'key'), `${key}\n`);
    suite.keys = new ApiKeys(join(folder.path, 'keys'), { info() {}, warn() {}, error() {} } as never);
  });
  after(() => folder.remove());
  const suite: { keys?: ApiKeys } = {};
  const app = useFixtureApp({
    get keys() {
      return suite.keys as ApiKeys;
    },
  });

  it('sends the key from the environment or a file', async () => {
    const env = { GREPD_URL: app.url };
    expect(await run(['love'], { ...env, GREPD_API_KEY: key })).to.include({ status: 0 });
    expect(await run(['love', '--key-file', join(folder.path, 'key')], env)).to.include({ status: 0 });
  });

  it('says how to give a key', async () => {
    const { status } = await run(['love'], { GREPD_URL: app.url });
    expect(status).to.match(/key.* Set GREPD_API_KEY, or name a file with --key-file\.$/);
  });

  it('never shows a key', async () => {
    const { status } = await run(['love'], { GREPD_URL: app.url, GREPD_API_KEY: 'se cret' });
    expect(status)
      .to.match(/^The API key must consist of letters/)
      .and.not.include('se cret');
    const { status: missing } = await run(['love', '--key-file', '/nowhere'], { GREPD_URL: app.url });
    expect(missing).to.match(/^"--key-file" must be a readable file: ENOENT/);
  });
});
