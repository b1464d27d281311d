// Malicious and careless callers.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { ABSENT_NAMES } from '../helpers/fixtures.js';
import { childrenOf } from '../helpers/processes.js';
import { type Service, spawnService } from '../helpers/spawn-service.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

const TIMEOUT_MS = 4_000;

describe('a worker with hostile callers', function () {
  this.timeout(60_000);

  let folder: TempFolder;
  let service: Service;
  let url: string;
  let port: number;

  before(async () => {
    folder = await tempFolder();
    const write = (name: string, text: string | Buffer) => writeFile(join(folder.path, name), text);
    await write('plain.txt', 'one\ntwo love\nthree\n');
    // Larger than the buffers of a connection.
    await write('large.txt', `${'love '.repeat(20)}\n`.repeat(1_000_000));
    await write('long.txt', 'a'.repeat(140_000));
    await write('bomb.txt.gz', gzipSync(Buffer.alloc(2 ** 29), { level: 9 }));
    await write('lines-bomb.txt.gz', gzipSync(Buffer.alloc(2 ** 28, '\n'), { level: 9 }));
    service = spawnService({
      DICTIONARIES_DIR: folder.path,
      DEFAULT_DICTIONARY: 'plain.txt',
      SEARCH_TIMEOUT_MS: String(TIMEOUT_MS),
      REQUEST_TIMEOUT_MS: '3000',
      KEEP_ALIVE_TIMEOUT_MS: '3000',
      UNPACKED_MB: '64',
      // A search that decompresses a bomb exceeds this.
      SEARCH_MEMORY_MB: '64',
    });
    url = await service.url();
    port = Number(new URL(url).port);
  });
  after(async () => {
    service.child.kill('SIGINT');
    expect(await service.exited).to.equal(0);
    // A warning from Node isn't JSON.
    for (const line of service
      .output()
      .split('\n')
      .filter((line) => line !== ''))
      expect(line).to.match(/^\{.*\}$/);
    await folder.remove();
  });

  afterEach(async () => {
    expect(await search({ term: 'love' })).to.deep.equal({ status: 200, results: ['two love'] });
    expect(service.events('bug')).to.deep.equal([]);
    // No program runs on for a caller that has left.
    while (childrenOf(service.child.pid ?? 0).length > 0) await sleep(10);
  });

  const post = (body: unknown) =>
    fetch(`${url}/api/v1/json`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: typeof body === 'string' || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body),
    });

  async function search(fields: object): Promise<{ status: number; results?: unknown }> {
    const response = await post({ action: 'search', ...fields });
    const { results } = (await response.json()) as { results?: unknown };
    return { status: response.status, ...(results !== undefined && { results }) };
  }

  /** Checks that most concurrent requests are answered, and that the others fail as expected. */
  async function answerBeside(hostile: Promise<unknown>): Promise<void> {
    let isDone = false;
    const done = hostile.finally(() => {
      isDone = true;
    });
    const statuses: number[] = [];
    while (!isDone) statuses.push((await search({ term: 'love' })).status);
    await done;
    // On a busy machine, some may time out.
    for (const status of statuses) expect(status).to.be.oneOf([200, 503, 504]);
    expect(statuses.filter((status) => status === 200).length).to.be.above(statuses.length / 2);
  }

  const regexes: [term: string, statuses: number[]][] = [
    ['((a{1,200}){1,200}){1,50}', [400]],
    ['(((a{1,100}){1,100}){1,100}){1,100}', [400]],
    [`${'('.repeat(499)}a${')'.repeat(499)}`, [200, 400, 503, 504]],
    ['^(.*)\\1$', [200, 503, 504]],
    ['(a*)*\\1(a*)*\\2b', [200, 503, 504]],
    ['(a|aa)*(a|aa)*\\1\\2(x|y)', [200, 503, 504]],
  ];
  for (const [term, statuses] of regexes) {
    it(`bounds the regular expression ${term.slice(0, 40)}, and answers other requests`, async () => {
      const payload = { term, syntax: 'regex', dictionary: 'long.txt', nresults: 1 };
      const hostile = Promise.all(Array.from({ length: 12 }, () => search(payload)));
      await answerBeside(hostile);
      for (const { status } of await hostile) expect(status).to.be.oneOf(statuses);
    });
  }

  it('rejects decompression bombs', async () => {
    const payload = ['bomb.txt', 'lines-bomb.txt'].flatMap((dictionary) => [
      { action: 'all', dictionary },
      { action: 'all', dictionary, unit: 'quote' },
      { action: 'search', dictionary, term: 'a' },
      { action: 'search', dictionary, term: 'a|b', syntax: 'regex' },
    ]);
    const outcomes = Promise.all(
      payload.map(async (body) => {
        const response = await post(body);
        const { truncated } = (await response.json()) as { truncated?: string };
        return response.status === 200 ? String(truncated) : String(response.status);
      }),
    );
    await answerBeside(outcomes);
    for (const outcome of await outcomes) {
      expect(outcome).to.be.oneOf(['503', '504', 'damaged_dictionary', 'search_memory', 'time']);
    }
  });

  it('answers 404 to unknown names', async () => {
    for (const dictionary of [
      ...ABSENT_NAMES,
      '\u202e',
      '%2e%2e%2fetc%2fpasswd',
      '$(id)',
      "';--",
      'con',
      'a'.repeat(60_000),
    ]) {
      const { status } = await search({ term: 'love', dictionary });
      expect(status, JSON.stringify(dictionary.slice(0, 50))).to.equal(dictionary === '' ? 400 : 404);
    }
  });

  const bodies: [title: string, body: string | Buffer, status: number][] = [
    ['deep arrays', '['.repeat(30_000) + ']'.repeat(30_000), 400],
    ['deep objects', `{"action":"search","term":${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}}`, 400],
    ['__proto__', '{"action":"search","term":"love","__proto__":{"dictionary":"/etc/passwd"}}', 400],
    ['constructor', '{"action":"search","term":"love","constructor":{"prototype":{"a":1}}}', 400],
    ['an action that is a property of every object', '{"action":"toString"}', 400],
    ['a lone surrogate', '{"action":"search","term":"\\udc00"}', 400],
    ['a lone surrogate for a dictionary', '{"action":"search","term":"a","dictionary":"\\udc00"}', 404],
    ['1e999', '{"action":"search","term":"a","nresults":1e999}', 400],
    ['-1e999', '{"action":"search","term":"a","offset":-1e999}', 400],
    ['a huge number', `{"action":"search","term":"love","nresults":1${'0'.repeat(300)}}`, 200],
    ['a byte order mark', '\ufeff{"action":"search","term":"love"}', 200],
    ['two byte order marks', '\ufeff\ufeff{"action":"search","term":"love"}', 400],
    ['UTF-16', Buffer.from('{"action":"search","term":"love"}', 'utf16le'), 400],
    // JSON.parse takes the last one (RFC 8259, section 4: names SHOULD be unique).
    ['a repeated key', '{"action":"search","term":"love","term":"hate"}', 200],
    ['NaN', '{"action":"search","term":"a","nresults":NaN}', 400],
    ['NUL', '{"action":"search","term":"a\0"}', 400],
    ['one byte more than 64 KiB', `{"action":"search","term":"love"${' '.repeat(65_536 - 32)}}`, 413],
    ['64 KiB', `{"action":"search","term":"love"${' '.repeat(65_536 - 33)}}`, 200],
  ];
  for (const [title, body, status] of bodies) {
    it(`answers ${status} to a body with ${title}`, async () => {
      const response = await post(body);
      expect(response.status).to.equal(status);
      await response.json();
    });
  }

  it('answers any body with JSON, and never with 500', async () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('literal', 'regex', 'quote', 'object', 'html', 'random', 'long.txt', '*', '('),
    );
    const names = ['term', 'syntax', 'ignore_case', 'n_before', 'offset', 'unit', 'order', 'seed', 'format', 'escape'];
    const object = fc
      .tuple(fc.constantFrom('search', 'all', 'list'), fc.dictionary(fc.constantFrom(...names), value))
      .map(([action, fields]) => JSON.stringify({ action, ...fields }));
    const body = fc.oneof(object, fc.json(), fc.uint8Array({ maxLength: 200 }), fc.string());
    await fc.assert(
      fc.asyncProperty(body, async (bytes) => {
        const response = await post(bytes);
        expect(response.status).to.be.oneOf([200, 400, 404]);
        const answer = (await response.json()) as Record<string, unknown>;
        expect(answer).to.include.all.keys(response.status === 200 ? ['results'] : ['Code', 'message']);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('escapes terminal control characters in its log', async () => {
    const socket = await open();
    socket.write('GET /\x9b31m HTTP/1.1\r\nHost: x\r\n\r\n', 'latin1');
    await once(socket, 'data');
    socket.destroy();
    expect((await search({ term: 'a', dictionary: '\u202e\u009b31m\u007f' })).status).to.equal(404);
    const logged = ['\\u009b31m', '\\u202e'];
    await service.until(() => logged.every((text) => service.output().includes(text)));
    expect(service.output()).not.to.match(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  });

  it('stops working for clients that disconnect in the middle of a response', async () => {
    const bodies = [
      { action: 'all', dictionary: 'large.txt' },
      { action: 'all', dictionary: 'large.txt', unit: 'quote' },
      { action: 'search', dictionary: 'large.txt', term: 'love', n_before: 3, format: 'object' },
      { action: 'search', dictionary: 'large.txt', term: 'l.*e', syntax: 'regex' },
    ];
    const leave = async (body: object) => {
      const client = request(`${url}/api/v1/json`, { method: 'POST', headers: { 'Content-Type': 'application/json' } });
      client.on('error', () => {});
      client.end(JSON.stringify(body));
      const [response] = (await once(client, 'response')) as [IncomingMessage];
      response.on('error', () => {});
      await once(response, 'data');
      client.destroy();
    };
    for (const body of bodies) {
      const leaving = Promise.all(Array.from({ length: 10 }, () => leave(body)));
      await answerBeside(leaving);
    }
  });

  it('leaks no file if clients disconnect before the response begins', async () => {
    const open = () => readdirSync(`/proc/${service.child.pid}/fd`).length;
    const body = JSON.stringify({ action: 'all', dictionary: 'large.txt' });
    const leave = async (n: number) => {
      const client = request(`${url}/api/v1/json`, { method: 'POST', headers: { 'Content-Type': 'application/json' } });
      client.on('error', () => {});
      client.end(body);
      await sleep(n % 25);
      client.destroy();
    };
    const before = open();
    for (let n = 0; n < 400; n += 8) await Promise.all(Array.from({ length: 8 }, (_, at) => leave(n + at)));
    // A few programs may still be exiting.
    while (open() > before + 10) await sleep(20);
  });

  it('answers other clients while many do not read', async () => {
    const body = JSON.stringify({ action: 'all', dictionary: 'large.txt' });
    const head = `POST /api/v1/json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const sockets = await Promise.all(Array.from({ length: 100 }, () => open()));
    for (const socket of sockets) socket.pause().write(head + body);
    // More clients than the 64 answers that a worker may have in progress.
    await answerBeside(sleep(TIMEOUT_MS / 2));
    for (const socket of sockets) socket.destroy();
  });

  it('reassigns the search slots of clients that do not read, and closes their connections', async () => {
    const body = JSON.stringify({ action: 'all', dictionary: 'large.txt' });
    const head = `POST /api/v1/json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const sockets = await Promise.all(Array.from({ length: 40 }, () => open()));
    for (const socket of sockets) socket.pause().write(head + body);
    // More than the 8 slots, all stalled. On a busy machine, the first may be done before the last
    // begins.
    const limit = performance.now() + TIMEOUT_MS;
    while (childrenOf(service.child.pid ?? 0).length <= 8 && performance.now() < limit) await sleep(1);
    const closed = Promise.all(sockets.map(untilClosed));
    await answerBeside(sleep(TIMEOUT_MS / 2));
    // A client that doesn't read only notices a closed connection when it writes.
    const poke = setInterval(() => {
      for (const socket of sockets) socket.write('\r\n');
    }, 100);
    await closed;
    clearInterval(poke);
  });

  it('answers other clients while some send slowly, and times those out', async () => {
    const sockets = await Promise.all(Array.from({ length: 200 }, () => open()));
    const answers = sockets.map(async (socket) => {
      let text = '';
      socket.on('data', (data) => {
        text += data;
      });
      await untilClosed(socket);
      return text.slice(9, 12);
    });
    const head =
      'POST /api/v1/json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{';
    let sent = 0;
    const drip = setInterval(() => {
      for (const socket of sockets) socket.write(head[sent] ?? ' ');
      sent += 1;
    }, 50);
    await answerBeside(Promise.all(answers));
    clearInterval(drip);
    for (const status of await Promise.all(answers)) expect(status).to.equal('408');
  });

  it('answers requests beside 10,000 idle connections, and closes those in time', async function () {
    const count = 10_000;
    const sockets: Socket[] = [];
    try {
      for (let n = 0; n < count; n += 250) {
        sockets.push(...(await Promise.all(Array.from({ length: 250 }, () => open()))));
      }
    } catch (error) {
      for (const socket of sockets) socket.destroy();
      if ((error as NodeJS.ErrnoException).code !== 'EMFILE') throw error;
      console.warn(`SKIPPED: this machine allows a process ${sockets.length} connections, not ${count} (ulimit -n)`);
      return this.skip();
    }
    const closed = Promise.all(sockets.map(untilClosed));
    await answerBeside(closed);
  });

  async function open(): Promise<Socket> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => {});
    return socket.resume();
  }
});

describe('a worker out of file descriptors', function () {
  this.timeout(30_000);

  it('answers 503, and 200 again once it can', async () => {
    // A cached answer needs no file.
    const service = spawnService({ CACHE_BYTES: '0' });
    try {
      const url = await service.url();
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const statusFor = (dictionary: string) =>
        send('POST', '/api/v1/json', JSON.stringify({ action: 'search', term: 'a', dictionary, nresults: 1 }));
      const send = async (method: string, path: string, body = '') => {
        const headers = { 'Content-Type': 'application/json' };
        const client = request(url + path, { method, headers, agent });
        client.end(body);
        const [response] = (await once(client, 'response')) as [IncomingMessage];
        response.resume();
        await once(response, 'end');
        return [response.statusCode, response.headers['retry-after']];
      };
      const names = ['devils-dictionary.txt', 'moby-dick'];
      for (const name of names) expect(await statusFor(name)).to.deep.equal([200, undefined]);
      const limit = (max: string) => execFileSync('prlimit', ['--pid', String(service.child.pid), `--nofile=${max}`]);
      // From none to a few: to find the folder, to open the file, for the pipes of grep.
      const open = readdirSync(`/proc/${service.child.pid}/fd`).length;
      for (let more = 0; more < 4; more += 1) {
        limit(`${open + more}:20000`);
        for (const name of names) expect(await statusFor(name)).to.deep.equal([503, '1']);
        expect((await send('GET', '/metrics'))[0]).to.equal(200);
        expect((await send('GET', '/total'))[0]).to.be.oneOf([200, 503]);
      }
      limit('20000:20000');
      for (const name of names) expect(await statusFor(name)).to.deep.equal([200, undefined]);
      expect(service.events('bug')).to.deep.equal([]);
      agent.destroy();
    } finally {
      service.child.kill('SIGKILL');
      await service.exited;
    }
  });
});

/** Resolves when the socket is closed, with or without an error. */
function untilClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}
