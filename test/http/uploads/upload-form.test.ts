// The forms on the page of texts, as browsers without scripts submit them.
import { readFileSync, symlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { rawText } from '../../helpers/raw-http.js';
import { startApp } from '../../helpers/start-app.js';
import { startUploadApp, type UploadApp } from '../../helpers/upload-app.js';

const INITIAL = ['folder', 'folder/inner.txt', 'old.txt'];

describe('the upload form', () => {
  let app: UploadApp;
  beforeEach(async () => {
    app = await startUploadApp({ maxBytes: 2_000_000 });
  });
  afterEach(() => app.close());

  const read = (path: string) => readFileSync(join(app.dictionaries, path), 'utf8');

  function submit(fields: Record<string, string>, files: Record<string, string> = {}): Promise<Response> {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    for (const [name, text] of Object.entries(files)) form.append('file', new Blob([text]), name);
    const headers = { Accept: 'text/html', Origin: app.url };
    return fetch(`${app.url}/d`, { method: 'POST', body: form, headers, redirect: 'manual' });
  }

  /** Sends a body that FormData would not create. */
  function sendRaw(body: string, length = body.length) {
    const lines = [
      'POST /d HTTP/1.1',
      'Host: a',
      'Connection: close',
      'Content-Type: multipart/form-data; boundary=b',
      `Content-Length: ${length}`,
    ];
    return rawText(app.port, `${lines.join('\r\n')}\r\n\r\n${body}`);
  }
  const part = (filename: string, text: string) =>
    `--b\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n\r\n${text}`;

  it('is on the page of texts only if uploads are on', async () => {
    expect(await (await fetch(`${app.url}/d`)).text()).to.include('enctype="multipart/form-data"');
    const without = await startApp({});
    expect(await (await fetch(`${without.url}/d`)).text()).to.not.include('<form method="post"');
    await without.close();
  });

  it('adds a text, and leads to it', async () => {
    const response = await submit({}, { 'größer "x".txt': 'neu\n'.repeat(200_000) });
    expect([response.status, response.headers.get('location')]).to.deep.equal([
      303,
      '/d/gr%C3%B6%C3%9Fer%20%22x%22.txt',
    ]);
    expect(read('größer "x".txt')).to.equal('neu\n'.repeat(200_000));
  });

  it('adds several texts, and leads to the list', async () => {
    const response = await submit({}, { 'one.txt': '1', 'two.txt': '2' });
    expect([response.status, response.headers.get('location')]).to.deep.equal([303, '/d']);
    expect([read('one.txt'), read('two.txt')]).to.deep.equal(['1', '2']);
  });

  it('replaces a text only if that is selected', async () => {
    const response = await submit({}, { 'old.txt': 'new' });
    expect(response.status).to.equal(409);
    expect(await response.text()).to.include('There is already a text with this name. Go back and select “replace”');
    expect(read('old.txt')).to.equal('old love\n');
    expect((await submit({ replace: 'true' }, { 'old.txt': 'new' })).status).to.equal(303);
    expect(read('old.txt')).to.equal('new');
  });

  it('removes a text by its name', async () => {
    expect((await submit({ remove: 'folder/inner.txt' })).status).to.equal(303);
    expect(app.paths()).to.deep.equal(['folder', 'old.txt']);
    expect((await submit({ remove: 'nope' })).status).to.equal(404);
    for (const name of ['', '../dictionaries/old.txt', 'folder', '.'])
      expect((await submit({ remove: name })).status, name).to.equal(400);
    expect(app.paths()).to.deep.equal(['folder', 'old.txt']);
  });

  it('rejects a form without a file, and other types', async () => {
    expect((await submit({ replace: 'true' })).status).to.equal(400);
    const body = 'file=x';
    const type = 'application/x-www-form-urlencoded';
    const other = await fetch(`${app.url}/d`, { method: 'POST', body, headers: { 'Content-Type': type } });
    expect(other.status).to.equal(415);
    const headers = { 'Content-Type': 'multipart/form-data' };
    expect((await fetch(`${app.url}/d`, { method: 'POST', body, headers })).status).to.equal(415);
  });

  it('takes only the last part of a path, and refuses hidden names', async () => {
    symlinkSync('/etc', join(app.dictionaries, 'etc'));
    await sendRaw(`${part('../../x.txt', 'x')}\r\n--b--\r\n`);
    await sendRaw(`${part('etc/y.txt', 'x')}\r\n--b--\r\n`);
    await sendRaw(`${part('C:\\dir\\z.txt', 'x')}\r\n--b--\r\n`);
    for (const name of ['.hidden', '..', '.', 'SOURCES.md', 'a\\u0000'.replace('\\u0000', '\0')])
      expect((await sendRaw(`${part(name, 'x')}\r\n--b--\r\n`)).status, name).to.equal(400);
    const added = app.paths().filter((path) => !path.startsWith('etc'));
    expect(added).to.deep.equal([...INITIAL, 'x.txt', 'y.txt', 'z.txt']);
  });

  for (const [title, body] of [
    ['has no end', part('half.txt', 'half')],
    ['ends in a header', '--b\r\nContent-Disposition: form-data; name="file"; filename="half.txt"'],
    ['has no parts', 'nothing'],
    ['is empty', ''],
  ] as const) {
    it(`is rejected if it ${title}`, async () => {
      expect(await sendRaw(body)).to.deep.include({ status: 400 });
      expect(app.paths()).to.deep.equal(INITIAL);
    });
  }

  it('is rejected if it is too large', async () => {
    const response = await submit({}, { 'large.txt': 'x'.repeat(2_000_001) });
    expect(response.status).to.equal(413);
    expect(app.paths()).to.deep.equal(INITIAL);
    // Two files of half the size, without a length.
    const boundary = `${part('a.txt', 'x'.repeat(1_000_000))}\r\n${part('b.txt', 'x'.repeat(1_100_000))}\r\n--b--\r\n`;
    const chunk = `${boundary.length.toString(16)}\r\n${boundary}\r\n0\r\n\r\n`;
    const head =
      'POST /d HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n';
    expect((await rawText(app.port, head + chunk)).status).to.equal(413);
    expect(app.paths()).to.deep.equal(['a.txt', ...INITIAL]);
  });

  it('leaves nothing behind when the client disconnects', async () => {
    const socket = connect(app.port, '127.0.0.1');
    const head =
      'POST /d HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 500000';
    socket.write(`${head}\r\n\r\n${part('half.txt', 'x'.repeat(100_000))}`);
    while (app.paths().length === INITIAL.length) await sleep(10);
    socket.destroy();
    while (app.paths().length > INITIAL.length) await sleep(10);
    expect(app.paths()).to.deep.equal(INITIAL);
  });
});
