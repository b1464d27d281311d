// Programs of a worker that are suspended or killed: every request is answered within its limit,
// and never with a part of the entries as if it were all.
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { childrenOf, findProcesses, untilEnded } from '../helpers/processes.js';
import { type Service, spawnService } from '../helpers/spawn-service.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

const TIMEOUT_MS = 3_000;
const LINES = 2_000_000;

interface Found {
  status: number;
  entries?: number | undefined;
  truncated?: string | undefined;
}

describe('a worker whose programs are suspended or killed', function () {
  this.timeout(60_000);
  let folder: TempFolder;
  let service: Service;
  let url: string;
  let worker: number;
  beforeEach(async () => {
    folder = await tempFolder();
    await mkdir(join(folder.path, 'dictionaries'));
    await writeFile(join(folder.path, 'dictionaries', 'small.txt'), 'one\nlove\n');
    await writeFile(join(folder.path, 'dictionaries', 'large.txt'), 'love\n'.repeat(LINES));
    service = spawnService({
      DICTIONARIES_DIR: join(folder.path, 'dictionaries'),
      SEARCH_TIMEOUT_MS: String(TIMEOUT_MS),
      SEARCHES_PER_WORKER: '2',
      // A drain waits until kept connections have been idle for this long.
      KEEP_ALIVE_TIMEOUT_MS: '1000',
      CACHE_BYTES: '0',
    });
    url = await service.url();
    worker = service.child.pid ?? 0;
  });
  afterEach(async () => {
    service.child.kill('SIGTERM');
    expect(await service.exited).to.equal(0);
    expect(service.events('bug')).to.deep.equal([]);
    await folder.remove();
  });

  async function send(fields: object): Promise<Found> {
    const response = await fetch(`${url}/api/v1/json`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ action: 'search', term: 'love', ...fields }),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    const { 'nr of entries': entries, truncated } = answer as { 'nr of entries'?: number; truncated?: string };
    return { status: response.status, entries, truncated };
  }
  const search = { dictionary: 'large.txt', nresults: 1 };
  const whole = { status: 200, entries: LINES, truncated: undefined };
  const small = { status: 200, entries: 1, truncated: undefined };

  /** Waits for a grep of the worker, and returns its process id. */
  async function theGrep(): Promise<number> {
    for (;;) {
      const [pid] = findProcesses('grep -a').filter((found) => childrenOf(worker).includes(found));
      if (pid !== undefined) return pid;
      await sleep(1);
    }
  }
  /** Returns the shells that wait to start a grep. */
  const shells = () =>
    findProcesses('while read -r words').filter((pid) =>
      readFileSync(`/proc/${pid}/stat`, 'utf8').includes(` ${worker} `),
    );

  /** Checks that earlier searches occupy neither slots nor processes. */
  async function expectRecovery(): Promise<void> {
    while (childrenOf(worker).length > 0) await sleep(10);
    expect(await Promise.all([send(search), send(search), send(search)])).to.deep.equal([whole, whole, whole]);
    for (let times = 0; times < 5; times += 1) expect(await send({ dictionary: 'small.txt' })).to.deep.equal(small);
  }

  it('answers 504 while its greps are suspended, kills them, and frees their slots', async () => {
    // More than there are slots.
    const found = Array.from({ length: 4 }, (_, n) =>
      send({ ...search, syntax: 'regex', term: `lo.${n > 0 ? `{${n}}` : ''}e` }),
    );
    const stopped = new Set<number>();
    let isOver = false;
    const all = Promise.all(found).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      for (const pid of findProcesses('grep -a').filter((pid) => childrenOf(worker).includes(pid))) {
        try {
          process.kill(pid, 'SIGSTOP');
          stopped.add(pid);
        } catch {
          // It has exited.
        }
      }
      await sleep(2);
    }
    for (const { status } of await all) expect(status).to.be.oneOf([504, 200]);
    expect((await all).some(({ status }) => status === 504)).to.equal(true);
    for (const answer of await all) if (answer.status === 200) expect(answer.truncated).to.equal(undefined);
    await Promise.all([...stopped].map(untilEnded));
    await expectRecovery();
  });

  for (const [title, fields] of [
    ['a literal term', {}],
    ['whole words', { syntax: 'word' }],
    ['a regular expression', { syntax: 'regex', term: 'l.*e' }],
    ['quotes', { unit: 'quote' }],
    ['objects with context', { format: 'object', n_before: 1 }],
  ] as const) {
    it(`never answers with part of the entries if grep is killed: ${title}`, async () => {
      let killed = 0;
      for (let times = 0; times < 100 && killed < 3; times += 1) {
        const pending = send({ dictionary: 'large.txt', ...fields });
        const pid = await Promise.race([theGrep(), pending.then(() => 0)]);
        if (pid === 0) continue;
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          continue;
        }
        const answer = await pending;
        // grep may have finished before, or been retried. An incomplete answer must say that it is.
        if (answer.status === 200 && answer.truncated === undefined) {
          expect(answer.entries).to.equal(fields === undefined || !('unit' in fields) ? LINES : 1);
        } else {
          expect(
            answer.status === 503 || ['search_memory', 'time', 'line_length'].includes(answer.truncated ?? ''),
          ).to.equal(true, JSON.stringify(answer));
          killed += 1;
        }
      }
      expect(killed).to.be.above(0);
      await expectRecovery();
    });
  }

  for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
    it(`answers within its limit when ${signal} hits a shell that starts grep, and recovers`, async () => {
      expect(await send({ dictionary: 'small.txt' })).to.deep.equal(small);
      const [shell] = shells();
      expect(shells()).to.have.length(1);
      process.kill(shell as number, signal);
      const begun = performance.now();
      const { status } = await send({ dictionary: 'small.txt' });
      expect(status).to.be.oneOf(signal === 'SIGKILL' ? [200] : [504]);
      // The limit, with a margin for a busy machine.
      expect(performance.now() - begun).to.be.below(10 * TIMEOUT_MS);
      await untilEnded(shell as number);
      await expectRecovery();
    });
  }

  it('kills a suspended grep although the shell that started it is suspended too', async () => {
    expect(await send({ dictionary: 'small.txt' })).to.deep.equal(small);
    const [shell = 0] = shells();
    const pending = send({ ...search, syntax: 'regex', term: 'lo.e' }).catch(() => ({ status: 0 }));
    const grep = await theGrep();
    process.kill(grep, 'SIGSTOP');
    process.kill(shell, 'SIGSTOP');
    expect((await pending).status).to.be.oneOf([200, 504]);
    await untilEnded(grep);
    process.kill(shell, 'SIGCONT');
    await expectRecovery();
  });
});
