// A worker must hold no more files and memory after thousands of clients that disconnect, stop
// reading or half-close than before.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { childrenOf } from '../helpers/processes.js';
import { type Service, spawnService } from '../helpers/spawn-service.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

/** Four shells that start grep, each with three files. */
const SHELL_FILES = 4 * 3;
/** Unused memory that V8 and the system's allocator may keep. */
const MEMORY_TOLERANCE = 96 * 1024 * 1024;

describe('a worker after', function () {
  this.timeout(900_000);
  let folder: TempFolder;
  let service: Service;
  let port: number;
  let pid: number;
  before(async () => {
    folder = await tempFolder();
    await writeFile(join(folder.path, 'plain.txt'), 'one\ntwo love\n');
    await writeFile(join(folder.path, 'large.txt'), `${'love '.repeat(20)}\n`.repeat(100_000));
    service = spawnService({
      DICTIONARIES_DIR: folder.path,
      DEFAULT_DICTIONARY: 'plain.txt',
      SEARCH_TIMEOUT_MS: '1000',
      SEARCH_QUEUE: '2000',
      KEEP_ALIVE_TIMEOUT_MS: '2000',
      REQUEST_TIMEOUT_MS: '3000',
      CACHE_BYTES: '0',
    });
    port = Number(new URL(await service.url()).port);
    pid = service.child.pid ?? 0;
    // Warm up: every part has run, and the heap has grown.
    for (let times = 0; times < 200; times += 1) await leave(times);
    await untilQuiet(0);
  });
  after(async () => {
    service.child.kill('SIGTERM');
    expect(await service.exited).to.equal(0);
    expect(service.events('bug')).to.deep.equal([]);
    await folder.remove();
  });

  const files = () => readdirSync(`/proc/${pid}/fd`).length;
  const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
  /** Retries if the kernel drops the connection because too many wait to be accepted. */
  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    return once(socket, 'connect').then(() => socket, open);
  };
  const requests = [
    { action: 'search', term: 'love' },
    { action: 'all', dictionary: 'large.txt' },
    { action: 'search', term: 'l.*e', syntax: 'regex', dictionary: 'large.txt', nresults: 1 },
    { action: 'list', options: ['-R'] },
    { action: 'search', term: 'love', dictionary: 'large.txt', format: 'object', n_before: 2 },
  ].map((body) => {
    const json = JSON.stringify(body);
    return `POST /api/v1/json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`;
  });
  const request = (number: number) => requests[number % requests.length] as string;

  /** Disconnects immediately, after a moment, or during the response; with or without a reset. */
  async function leave(number: number): Promise<void> {
    const socket = await open();
    socket.write(request(number));
    if (number % 3 === 1) await sleep(number % 20);
    if (number % 3 === 2) await Promise.race([once(socket, 'data'), sleep(100)]);
    if (number % 2 === 0) socket.resetAndDestroy();
    else socket.destroy();
  }

  /**
   * Waits until no search runs, and no more files are open than before plus those of the shells.
   */
  async function untilQuiet(before: number): Promise<void> {
    const isBusy = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { Connection: 'close' } });
      const text = await response.text();
      return !text.includes('\ngrepd_searches_running 0\n') || !text.includes('\ngrepd_searches_waiting 0\n');
    };
    while (childrenOf(pid).length > 0 || (before > 0 && files() > before + SHELL_FILES) || (await isBusy()))
      await sleep(50);
  }

  async function expectNothingLeaked(hostile: () => Promise<void>): Promise<void> {
    const [filesBefore, memoryBefore] = [files(), memory()];
    await hostile();
    await untilQuiet(filesBefore);
    const mib = (bytes: number) => Math.round(bytes / 2 ** 20);
    console.info(
      `      files ${filesBefore} -> ${files()}, programs 0, memory ${mib(memoryBefore)} -> ${mib(memory())} MiB`,
    );
    // V8 may collect only when there is work again.
    for (let number = 0; number < 1_000 && memory() >= memoryBefore + MEMORY_TOLERANCE; number += 1)
      await leave(number);
    expect(memory()).to.be.below(memoryBefore + MEMORY_TOLERANCE);
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/json`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Connection: 'close' },
      body: '{"action":"search","term":"love"}',
    });
    expect(await answer.json()).to.deep.equal({ 'nr of entries': 1, results: ['two love'] });
  }

  it('1,500 aborted requests holds nothing of them', async () => {
    await expectNothingLeaked(async () => {
      let number = 0;
      const client = async () => {
        for (; number < 1_500; ) {
          number += 1;
          await leave(number);
        }
      };
      await Promise.all(Array.from({ length: 50 }, client));
    });
  });

  it('500 clients that stopped reading holds nothing of them', async () => {
    const sockets: Socket[] = [];
    // The clients keep their side open, and don't notice that the worker has closed the connection.
    await expectNothingLeaked(async () => {
      while (sockets.length < 500) {
        const opened = await Promise.all(Array.from({ length: 50 }, open));
        for (const socket of opened) socket.pause().write(request(1));
        sockets.push(...opened);
      }
    });
    for (const socket of sockets) socket.destroy();
  });

  it('1,000 half-closed connections holds nothing of them, and has answered complete requests', async () => {
    let answered = 0;
    let cut = 0;
    await expectNothingLeaked(async () => {
      const half = async (number: number) => {
        const socket = await open();
        // Complete requests, part of one, and none.
        const text = [request(0), request(3), request(0).slice(0, 60), ''][number % 4] as string;
        let received = '';
        socket.setEncoding('latin1').on('data', (data) => {
          received += data;
        });
        socket.end(text);
        await untilClosed(socket);
        if (number % 4 < 2) {
          if (/^HTTP\/1.1 (200|503|504)/.test(received)) answered += 1;
          else cut += 1;
        } else expect(received).to.match(/^(HTTP\/1.1 400 .*|)/);
      };
      for (let number = 0; number < 1_000; number += 50) {
        await Promise.all(Array.from({ length: 50 }, (_, at) => half(number + at)));
      }
    });
    console.info(`      ${answered} of 500 whole requests answered, ${cut} cut off`);
    expect(answered).to.be.above(250);
  });
});

/** Resolves when the socket is closed, with or without an error. */
function untilClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}
