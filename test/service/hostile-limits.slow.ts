// A worker at its limit of files or processes answers 503 or correctly, and correctly again
// afterwards.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Client } from 'undici';
import { makeOperator } from '../helpers/operator.js';
import { childrenOf } from '../helpers/processes.js';
import { type Service, spawnService } from '../helpers/spawn-service.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

/** An id that no user has. */
const UNUSED_UID = 3_141_592;

const body = (fields: object) => JSON.stringify({ action: 'search', term: 'love', ...fields });

/** Every way to find, open and search a text, and the number of entries. */
const queries: [body: string, entries: number][] = [
  [body({ dictionary: 'b.txt' }), 1],
  [body({ dictionary: 'b.txt', format: 'object', n_before: 1 }), 1],
  [body({ dictionary: 'b.txt', syntax: 'word' }), 1],
  [body({ dictionary: 'a-folder' }), 2],
  [body({ dictionary: 'a-folder', syntax: 'regex', term: 'l.ve$' }), 2],
  [body({ dictionary: 'link.txt' }), 1],
  // The default dictionary is the first one.
  [body({}), 2],
  [JSON.stringify({ action: 'all' }), 4],
  [JSON.stringify({ action: 'list', options: ['-R'] }), 8],
];

interface Outcome {
  status: number;
  entries?: number | undefined;
}

describe('a worker at its limit of', function () {
  this.timeout(60_000);
  let folder: TempFolder;
  let dictionaries: string;
  let service: Service | undefined;
  beforeEach(async () => {
    folder = await tempFolder();
    chmodSync(folder.path, 0o755);
    dictionaries = join(folder.path, 'dictionaries');
    for (const path of [dictionaries, join(dictionaries, 'a-folder')]) mkdirSync(path);
    writeFileSync(join(dictionaries, 'b.txt'), 'one\nlove\n');
    for (const name of ['c.txt', 'd.txt']) writeFileSync(join(dictionaries, 'a-folder', name), 'love\r\none\r\n');
    execFileSync('ln', ['-s', 'b.txt', join(dictionaries, 'link.txt')]);
  });
  afterEach(async () => {
    service?.child.kill('SIGKILL');
    await service?.exited;
    service = undefined;
    await folder.remove();
  });

  const send = async (client: Client, payload: string): Promise<Outcome> => {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await client.request({ method: 'POST', path: '/api/v1/json', headers, body: payload });
    const { 'nr of entries': entries, truncated } = (await answer.body.json()) as Record<string, unknown>;
    expect(truncated).to.equal(undefined);
    return { status: answer.statusCode, entries: entries as number | undefined };
  };
  const expectAll = async (client: Client) => {
    for (const [payload, entries] of queries)
      expect(await send(client, payload), payload).to.deep.equal({ status: 200, entries });
  };
  /** Returns the number of 503 responses. */
  const expectCorrectOrBusy = async (client: Client): Promise<number> => {
    let busy = 0;
    for (const [payload, entries] of queries) {
      const found = await send(client, payload);
      if (found.status === 503) busy += 1;
      else expect(found, payload).to.deep.equal({ status: 200, entries });
    }
    const listed = await client.request({ method: 'GET', path: '/api/v1/dictionaries' });
    const names = ((await listed.body.json()) as { dictionaries?: { name: string }[] }).dictionaries?.map(
      ({ name }) => name,
    );
    if (listed.statusCode === 503) busy += 1;
    else expect(names).to.deep.equal(['a-folder', 'b.txt', 'link.txt']);
    for (const path of ['/healthz', '/metrics', '/readyz']) {
      const { statusCode, body } = await client.request({ method: 'GET', path });
      await body.dump();
      expect(statusCode, path).to.equal(200);
    }
    return busy;
  };
  /** @param enter the command prefix that switches to the worker's user */
  const limit = (what: string, max: number, enter: readonly string[] = []) => {
    const [program = '', ...args] = [...enter, 'prlimit', '--pid', String(service?.child.pid), `--${what}=${max}:`];
    execFileSync(program, args);
  };
  const filesOf = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;

  it('files answers correctly or 503, and everything again afterwards', async () => {
    service = spawnService({ DICTIONARIES_DIR: dictionaries, CACHE_BYTES: '0' });
    const pid = service.child.pid ?? 0;
    const client = new Client(await service.url());
    await expectAll(client);
    const before = filesOf(pid);
    let busy = 0;
    for (let more = 0; more <= 12; more += 1) {
      limit('nofile', before + more);
      busy += await expectCorrectOrBusy(client);
    }
    expect(busy).to.be.above(20);
    limit('nofile', 20_000);
    await expectAll(client);
    expect(service.events('bug')).to.deep.equal([]);
    await client.close();
    // Two shells that start grep may stay, but no other file or program.
    while (filesOf(pid) > before + 8 || childrenOf(pid).length > 0) await sleep(20);
  });

  it('files from the start (ulimit -n 150) answers each of 300 requests correctly or 503', async () => {
    service = spawnService({ DICTIONARIES_DIR: dictionaries, CACHE_BYTES: '0' }, undefined, [
      'sh',
      '-c',
      'ulimit -n 150; exec "$@"',
      'sh',
    ]);
    const url = await service.url();
    const counts: Record<string, number> = {};
    const count = (outcome: string) => {
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    };
    await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        const client = new Client(url);
        for (let times = 0; times < 3; times += 1) {
          const [payload, entries] = queries[(n + times) % queries.length] as [string, number];
          // The kernel accepts connections for which the worker has no file descriptor.
          const found = await send(client, payload).catch((error) => ({
            status: error.code as string,
            entries: undefined,
          }));
          if (found.status === 200) expect(found.entries, payload).to.equal(entries);
          else expect(found.status).to.be.oneOf([503, 'UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);
          count(String(found.status));
        }
        await client.destroy();
      }),
    );
    console.info(`      ${JSON.stringify(counts)}`);
    const client = new Client(url);
    await expectAll(client);
    await client.close();
    expect(service.events('bug')).to.deep.equal([]);
  });

  it('processes (ulimit -u) answers correctly or 503, and everything again afterwards', async function () {
    if (process.getuid?.() !== 0) {
      console.warn('SKIPPED: the limit of processes is per user, so this needs root to switch to another user');
      return this.skip();
    }
    const own = ['setpriv', `--reuid=${UNUSED_UID}`, `--regid=${UNUSED_UID}`, '--clear-groups'];
    service = spawnService({ DICTIONARIES_DIR: dictionaries, CACHE_BYTES: '0' }, undefined, own);
    const client = new Client(await service.url());
    const pid = service.child.pid ?? 0;
    await expectAll(client);
    const before = filesOf(pid);
    // From none to a few: for a shell that starts grep, for grep, and for the programs that bound
    // them.
    let busy = 0;
    const threads = readdirSync(`/proc/${pid}/task`).length;
    for (let more = 0; more <= 3; more += 1) {
      limit('nproc', threads + more, own);
      busy += await expectCorrectOrBusy(client);
      const { statusCode, body } = await client.request({ method: 'GET', path: '/total' });
      await body.dump();
      expect(statusCode).to.be.oneOf([200, 503]);
    }
    expect(busy).to.be.above(5);
    limit('nproc', 10_000, own);
    await expectAll(client);
    await client.close();
    expect(service.events('bug')).to.deep.equal([]);
    while (filesOf(pid) > before + 8 || childrenOf(pid).length > 0) await sleep(20);
  });

  it('processes or memory in its greps answers 503, and everything again afterwards', async () => {
    // Killed like a program for which there is no memory.
    const full = join(folder.path, 'full');
    writeFileSync(
      join(folder.path, 'grep'),
      `#!/bin/sh\ncase "$1" in --version|-q) exec /usr/bin/env -u X PATH='${process.env.PATH}' grep "$@";; esac
if [ -e '${full}' ]; then kill -KILL $$; fi\nPATH='${process.env.PATH}'; export PATH; exec grep "$@"\n`,
      { mode: 0o755 },
    );
    service = spawnService({
      DICTIONARIES_DIR: dictionaries,
      CACHE_BYTES: '0',
      PATH: `${folder.path}:${process.env.PATH}`,
    });
    const client = new Client(await service.url());
    await expectAll(client);
    writeFileSync(full, '');
    for (const [payload] of queries.slice(0, -1)) expect((await send(client, payload)).status, payload).to.equal(503);
    execFileSync('rm', [full]);
    await expectAll(client);
    expect(service.events('bug')).to.deep.equal([]);
    await client.close();
  });
});

describe('a worker under PM2 at its limit of files', function () {
  this.timeout(120_000);

  it('answers connections that it could not accept at first', async () => {
    const operator = await makeOperator();
    try {
      expect(await operator.start({ WORKERS: '1', CACHE_BYTES: '0' })).to.include({ status: 0 });
      const [worker] = await operator.workers();
      const pid = worker?.pid ?? 0;
      const limit = (max: number) => execFileSync('prlimit', ['--pid', String(pid), `--nofile=${max}:`]);
      const askAlone = async () => {
        const socket = connect(operator.port, '127.0.0.1');
        let text = '';
        socket.setEncoding('latin1').on('data', (data) => {
          text += data;
        });
        const payload = body({ dictionary: 'moby-dick', nresults: 1 });
        socket.write(
          `POST /api/v1/json HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${payload.length}\r\n\r\n${payload}`,
        );
        await once(socket, 'close');
        return text.slice(9, 12);
      };
      limit(filesOf(pid) + 10);
      for (let times = 0; times < 3; times += 1) {
        const statuses = await Promise.all(Array.from({ length: 60 }, askAlone));
        for (const status of statuses) expect(status).to.be.oneOf(['200', '503']);
      }
      limit(20_000);
      expect(await Promise.all(Array.from({ length: 20 }, askAlone))).to.deep.equal(Array(20).fill('200'));
      expect((await operator.workers()).map(({ pid }) => pid)).to.deep.equal([pid]);
    } finally {
      await operator.leave();
    }
  });

  const filesOf = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;
});
