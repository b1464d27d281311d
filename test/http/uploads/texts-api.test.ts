// Adding and removing texts by the API.
import { once } from 'node:events';
import { chmodSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { pino } from 'pino';
import { ApiKeys, createApiKey } from '../../../src/auth/api-keys.js';
import { rawRequest } from '../../helpers/raw-http.js';
import { startApp } from '../../helpers/start-app.js';
import { startUploadApp, type UploadApp } from '../../helpers/upload-app.js';

const INITIAL = ['folder', 'folder/inner.txt', 'old.txt'];

describe('the API for texts', () => {
  let app: UploadApp;
  beforeEach(async () => {
    app = await startUploadApp();
  });
  afterEach(() => app.close());

  const send = (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
    fetch(`${app.url}/api/v1/texts/${path}`, { method, headers, ...(body !== undefined && { body }) });
  const read = (path: string) => readFileSync(join(app.dictionaries, path), 'utf8');
  const messageOf = async (response: Response) => ((await response.json()) as { message: string }).message;

  /** Waits until an aborted upload has cleaned up. */
  async function untilClean(expected = INITIAL): Promise<void> {
    while (app.paths().length > expected.length) await sleep(10);
    expect(app.paths()).to.deep.equal(expected);
  }

  it('adds a text, which can be searched and listed immediately', async () => {
    const response = await send('PUT', 'new%20text.txt', 'new love\n');
    expect(response.status).to.equal(201);
    expect(await response.json()).to.deep.equal({ name: 'new text.txt', bytes: 9 });
    expect(response.headers.get('location')).to.equal('/d/new%20text.txt');
    expect(read('new text.txt')).to.equal('new love\n');
    const found = await app.post({ action: 'search', term: 'love', dictionary: 'new text.txt' });
    expect(await found.json()).to.deep.include({ results: ['new love'] });
    expect(await (await fetch(`${app.url}/d`)).text()).to.include('href="/d/new%20text.txt"');
    expect(app.paths()).to.deep.equal(['folder', 'folder/inner.txt', 'new text.txt', 'old.txt']);
  });

  it('adds a text to a folder, and an empty one', async () => {
    expect((await send('PUT', 'folder/more.txt', 'more\n')).status).to.equal(201);
    expect((await send('PUT', 'empty.txt', '')).status).to.equal(201);
    expect([read('folder/more.txt'), read('empty.txt')]).to.deep.equal(['more\n', '']);
  });

  it('creates files that are not executable', async () => {
    const umask = process.umask(0);
    try {
      await send('PUT', 'new.txt', 'a');
      process.umask(0o077);
      await send('PUT', 'private.txt', 'a');
    } finally {
      process.umask(umask);
    }
    const modeOf = (name: string) => lstatSync(join(app.dictionaries, name)).mode & 0o7777;
    expect([modeOf('new.txt'), modeOf('private.txt')]).to.deep.equal([0o644, 0o600]);
  });

  it('replaces a text only on request', async () => {
    const refused = await send('PUT', 'old.txt', 'new\n');
    expect(refused.status).to.equal(409);
    expect(await messageOf(refused)).to.match(/^There is already a text named "old\.txt"\. To replace it, send/);
    expect((await send('PUT', 'old.txt?replace=false', 'new\n')).status).to.equal(409);
    expect(read('old.txt')).to.equal('old love\n');
    expect((await send('PUT', 'old.txt', 'newer\n', { 'If-Match': '*' })).status).to.equal(200);
    expect(read('old.txt')).to.equal('newer\n');
    expect((await send('PUT', 'old.txt?replace=true', 'newest\n')).status).to.equal(200);
    expect(read('old.txt')).to.equal('newest\n');
    expect((await send('PUT', 'first.txt?replace=true', 'a')).status).to.equal(201);
    expect((await send('PUT', 'old.txt', 'x', { 'If-Match': '"etag"' })).status).to.equal(400);
  });

  it('does not hide a compressed text', async () => {
    writeFileSync(join(app.dictionaries, 'packed.txt.gz'), '');
    expect((await send('PUT', 'packed.txt', 'a')).status).to.equal(409);
  });

  it('removes a text', async () => {
    const response = await send('DELETE', 'folder/inner.txt');
    expect([response.status, await response.text()]).to.deep.equal([204, '']);
    expect(app.paths()).to.deep.equal(['folder', 'old.txt']);
    const again = await send('DELETE', 'folder/inner.txt');
    expect(again.status).to.equal(404);
    expect(await messageOf(again)).to.match(/^There is no dictionary named "folder\/inner\.txt"\./);
  });

  it('needs a key where keys are set', async () => {
    const { key, line } = createApiKey('writer');
    const file = join(app.dictionaries, '..', 'keys');
    writeFileSync(file, line);
    const guarded = await startUploadApp({ keys: new ApiKeys(file, pino({ level: 'silent' })) });
    const ask = async (method: string, path: string, authorization?: string) => {
      const headers: Record<string, string> = authorization === undefined ? {} : { Authorization: authorization };
      return (await fetch(guarded.url + path, { method, headers })).status;
    };
    for (const [method, path] of [
      ['PUT', '/api/v1/texts/new.txt'],
      ['DELETE', '/api/v1/texts/old.txt'],
      ['POST', '/d'],
    ] as const)
      expect(await ask(method, path), method).to.equal(401);
    expect(guarded.paths()).to.deep.equal(INITIAL);
    expect(await ask('DELETE', '/api/v1/texts/old.txt', `Bearer ${key}`)).to.equal(204);
    await guarded.close();
  });

  it('is not served unless uploads are on', async () => {
    const without = await startApp({});
    for (const method of ['PUT', 'DELETE', 'GET']) {
      const response = await fetch(`${without.url}/api/v1/texts/old.txt`, { method });
      expect([response.status, await messageOf(response)]).to.deep.equal([
        404,
        'There is no route /api/v1/texts/old.txt. See /api/v1/web for instructions.',
      ]);
    }
    expect((await fetch(`${without.url}/d`, { method: 'POST' })).status).to.equal(405);
    await without.close();
  });

  for (const name of [
    '.hidden',
    'folder/.hidden',
    '.folder/a.txt',
    '..%2Fa.txt',
    'folder%2F..%2F..%2Fa.txt',
    '%2Ftmp%2Fa.txt',
    'folder%2F%2Fa.txt',
    'folder%2F',
    'a%00.txt',
    'SOURCES.md',
    '%ff.txt',
    'a'.repeat(256),
    `${'a/'.repeat(3_000)}a`,
  ]) {
    it(`refuses the name ${name.slice(0, 40)}`, async () => {
      // Not fetch, which would normalize the path.
      for (const method of ['PUT', 'DELETE']) {
        const head = `${method} /api/v1/texts/${name} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n`;
        const { status } = await rawRequest(app.port, `${head}Content-Length: 1\r\n\r\nx`);
        expect(status, method).to.equal(400);
      }
      expect(app.paths()).to.deep.equal(INITIAL);
    });
  }

  for (const path of ['/api/v1/texts/../../../etc/a.txt', '/api/v1/texts/folder/../../a.txt', '/api/v1/texts/']) {
    it(`refuses the path ${path}`, async () => {
      const head = `PUT ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx`;
      expect((await rawRequest(app.port, head)).status).to.be.oneOf([400, 404]);
      expect(app.paths()).to.deep.equal(INITIAL);
    });
  }

  it('never follows a symbolic link, nor replaces or removes one', async () => {
    const outside = join(app.dictionaries, '..', 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'a.txt'), 'outside');
    symlinkSync(outside, join(app.dictionaries, 'linked'));
    symlinkSync(join(outside, 'a.txt'), join(app.dictionaries, 'link.txt'));
    symlinkSync(join(outside, 'new.txt'), join(app.dictionaries, 'dangling.txt'));
    expect((await send('PUT', 'linked/new.txt', 'x')).status).to.equal(404);
    expect((await send('DELETE', 'linked/a.txt')).status).to.equal(404);
    for (const name of ['link.txt', 'dangling.txt']) {
      expect((await send('PUT', name, 'x')).status).to.equal(409);
      expect((await send('PUT', `${name}?replace=true`, 'x')).status).to.equal(400);
      expect((await send('DELETE', name)).status).to.equal(400);
      expect(lstatSync(join(app.dictionaries, name)).isSymbolicLink()).to.equal(true);
    }
    expect(readFileSync(join(outside, 'a.txt'), 'utf8')).to.equal('outside');
    expect(app.paths().filter((path) => path.includes('.upload-'))).to.deep.equal([]);
  });

  it('never replaces or removes a folder, and creates none', async () => {
    expect((await send('PUT', 'folder', 'x')).status).to.equal(409);
    expect((await send('PUT', 'folder?replace=true', 'x')).status).to.equal(400);
    expect((await send('DELETE', 'folder')).status).to.equal(400);
    expect((await send('PUT', 'none/a.txt', 'x')).status).to.equal(404);
    expect((await send('PUT', 'old.txt/a.txt', 'x')).status).to.equal(404);
    expect(app.paths()).to.deep.equal(INITIAL);
  });

  it('reports a folder that nobody may enter', async () => {
    chmodSync(join(app.dictionaries, 'folder'), 0o600);
    expect((await send('PUT', 'folder/a.txt', 'x')).status).to.equal(403);
    expect((await send('DELETE', 'folder/inner.txt')).status).to.equal(403);
    chmodSync(join(app.dictionaries, 'folder'), 0o755);
    expect(app.paths()).to.deep.equal(INITIAL);
  });

  it('lets exactly one of many concurrent uploads of a name win, whole', async () => {
    const bodies = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(300_000));
    const statuses = await Promise.all(bodies.map(async (body) => (await send('PUT', 'race.txt', body)).status));
    expect(statuses.sort()).to.deep.equal([201, 409, 409, 409]);
    expect(bodies).to.include(read('race.txt'));
    await untilClean(['folder', 'folder/inner.txt', 'old.txt', 'race.txt']);
    const replaced = await Promise.all(
      bodies.map(async (body) => (await send('PUT', 'race.txt?replace=true', body)).status),
    );
    expect(replaced).to.deep.equal([200, 200, 200, 200]);
    expect(bodies).to.include(read('race.txt'));
    await untilClean(['folder', 'folder/inner.txt', 'old.txt', 'race.txt']);
  });

  it('accepts a text of exactly the maximum size, and rejects a larger one', async () => {
    expect((await send('PUT', 'most.txt', 'x'.repeat(1_000_000))).status).to.equal(201);
    const announced = await send('PUT', 'large.txt', 'x'.repeat(1_000_001));
    expect([announced.status, await messageOf(announced)]).to.deep.equal([
      413,
      'An upload must be at most 1000000 bytes (UPLOAD_MB). See /api/v1/web for instructions.',
    ]);
    // Without a length.
    const client = request({ port: app.port, path: '/api/v1/texts/large.txt', method: 'PUT' });
    client.on('error', () => {});
    const sent = Buffer.alloc(100_000);
    for (let count = 0; count < 11; count += 1) client.write(sent);
    const [response] = await once(client, 'response');
    expect(response.statusCode).to.equal(413);
    await readText(response);
    client.destroy();
    await untilClean(['folder', 'folder/inner.txt', 'most.txt', 'old.txt']);
  });

  it('leaves nothing behind when the client disconnects', async () => {
    const socket = connect(app.port, '127.0.0.1');
    socket.write('PUT /api/v1/texts/half.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n');
    socket.write('x'.repeat(50_000));
    while (app.paths().length === INITIAL.length) await sleep(10);
    expect(app.paths().filter((path) => path.startsWith('.upload-'))).to.have.length(1);
    // The text isn't visible yet.
    expect((await fetch(`${app.url}/d/half.txt`)).status).to.equal(404);
    expect(await (await fetch(`${app.url}/d`)).text()).to.not.include('.upload-');
    socket.destroy();
    await untilClean();
  });

  it('rejects bodies that are encoded or incomplete', async () => {
    expect((await send('PUT', 'a.txt', 'x', { 'Content-Encoding': 'gzip' })).status).to.equal(415);
    expect((await send('PUT', 'a.txt', 'x', { 'Content-Range': 'bytes 0-0/2' })).status).to.equal(400);
    expect(app.paths()).to.deep.equal(INITIAL);
  });

  for (const [title, headers, isAllowed] of [
    ['a program', {}, true],
    ['a page of the service', { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://behind.example' }, true],
    ['a user', { 'Sec-Fetch-Site': 'none' }, true],
    ['a page of another site', { 'Sec-Fetch-Site': 'cross-site' }, false],
    ['a page of another subdomain', { 'Sec-Fetch-Site': 'same-site' }, false],
    ['an origin without Sec-Fetch-Site', { Origin: 'http://evil.example' }, false],
    ['an opaque origin', { Origin: 'null' }, false],
    ['another port', { Origin: 'http://127.0.0.1:1' }, false],
    ['its own origin', { Origin: 'own' }, true],
  ] as const) {
    it(`${isAllowed ? 'accepts' : 'rejects'} requests of ${title}`, async () => {
      const own = 'Origin' in headers && headers.Origin === 'own' ? { Origin: app.url } : headers;
      // fetch would set Sec-Fetch-Site itself.
      const ask = async (method: string, path: string) => {
        const client = request({ port: app.port, host: '127.0.0.1', method, path, headers: own }).end('x');
        const [response] = await once(client, 'response');
        await readText(response);
        return response.statusCode;
      };
      expect(await ask('PUT', '/api/v1/texts/new.txt')).to.equal(isAllowed ? 201 : 403);
      expect(await ask('DELETE', '/api/v1/texts/old.txt')).to.equal(isAllowed ? 204 : 403);
      expect(await ask('POST', '/d')).to.equal(isAllowed ? 415 : 403);
      expect(app.paths().includes('old.txt')).to.equal(!isAllowed);
    });
  }
});

describe('a slow upload', () => {
  it('is rejected, and leaves nothing behind', async () => {
    const app = await startUploadApp({ graceMs: 200 });
    const answer = rawRequest(app.port, 'PUT /api/v1/texts/a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx');
    expect(await answer).to.deep.include({ status: 408 });
    expect(app.paths()).to.deep.equal(INITIAL);
    await app.close();
  });

  it('may take longer than other requests, which keep their time limit', async () => {
    const app = await startUploadApp({ requestTimeoutMs: 200, graceMs: 60_000 });
    const socket = connect(app.port, '127.0.0.1');
    socket.setEncoding('latin1');
    socket.write('PUT /api/v1/texts/a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\nx');
    const { status } = await rawRequest(
      app.port,
      'POST /api/v1/json HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\nx',
    );
    expect(status).to.equal(408);
    socket.write('y');
    const [answer] = await once(socket, 'data');
    expect(answer).to.match(/^HTTP\/1\.1 201 /);
    socket.destroy();
    await app.close();
  });
});
