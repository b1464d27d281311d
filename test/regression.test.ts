// Bugs of the quotes service that grepd replaced, one test each.
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { childrenOf, isAlive, untilEnded } from './helpers/processes.js';
import { PROJECT } from './helpers/project.js';
import { slowGrep } from './helpers/slow-grep.js';
import { type Service, spawnService } from './helpers/spawn-service.js';
import { type TempFolder, tempFolder } from './helpers/temp-folder.js';

describe('unlike the service it grew out of, grepd', function () {
  this.timeout(30_000);

  let folder: TempFolder;
  let service: Service;
  let url: string;
  beforeEach(async () => {
    folder = await tempFolder();
  });
  afterEach(async () => {
    service.child.kill('SIGKILL');
    await service.exited;
    await folder.remove();
  });

  async function start(env: Record<string, string> = {}): Promise<void> {
    service = spawnService({ DEFAULT_DICTIONARY: 'devils-dictionary.txt', ...env });
    url = await service.url();
  }

  interface Answer {
    status: number;
    'nr of entries': number;
    results: string[];
  }

  async function post(body: object): Promise<Answer> {
    const response = await fetch(`${url}/api/v1/json`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) };
  }

  it('returns an entry for each match, even if contexts overlap, and for each line of all', async () => {
    await start();
    const text = await readFile(join(PROJECT, 'dictionaries/devils-dictionary.txt'), 'utf8');
    const lines = text.split(/\r?\n/).slice(0, -1);
    const all = await post({ action: 'all' });
    expect(all['nr of entries']).to.equal(lines.length);
    expect(all.results).to.deep.equal(lines);

    const matching = lines.flatMap((line, at) => (line.includes('the') ? [at] : []));
    const found = await post({ action: 'search', term: 'the', n_before: 2, n_after: 2 });
    expect(found['nr of entries']).to.equal(matching.length);
    expect(found.results).to.deep.equal(matching.map((at) => lines.slice(Math.max(0, at - 2), at + 3).join('\n')));
  });

  it('answers 200 when nothing matches, not 403', async () => {
    await start();
    expect(await post({ action: 'search', term: 'no such words' })).to.deep.equal({
      status: 200,
      'nr of entries': 0,
      results: [],
    });
  });

  it('searches for $(id) instead of running it', async () => {
    await start();
    for (const term of ['$(id)', '`id`', '; id', '| id', '"; id; "', "'; id; '", '-f /etc/passwd', '--help', '$HOME']) {
      for (const syntax of ['literal', 'word']) {
        expect(await post({ action: 'search', term, syntax })).to.deep.equal({
          status: 200,
          'nr of entries': 0,
          results: [],
        });
      }
    }
  });

  it('returns all entries for nresults 0, and answers "2" with 400, not 500', async () => {
    await start();
    const all = await post({ action: 'search', term: 'HISTORY', nresults: 0 });
    expect(all.results).to.have.length(all['nr of entries']).and.length.above(0);
    const refused = await post({ action: 'search', term: 'HISTORY', nresults: '2' });
    expect(refused).to.include({ status: 400, Code: 400 });
    expect(refused).to.have.property('message').that.includes('"nresults" must be an integer, got "2".');
  });

  it('counts entries, not the characters of an error message', async () => {
    await start();
    for (const body of [
      { action: 'search', term: 'a', dictionary: 'nope.txt' },
      { action: 'search', term: '(', syntax: 'regex' },
      { action: 'search' },
    ]) {
      expect(await post(body)).to.have.all.keys('status', 'Code', 'message');
    }
  });

  it('ends a search when its client disconnects', async () => {
    const grep = await slowGrep(folder.path);
    await start({ PATH: grep.PATH });
    const client = request(`${url}/api/v1/json`, { method: 'POST', headers: { 'Content-Type': 'application/json' } });
    client.on('error', () => {});
    client.end(JSON.stringify({ action: 'search', term: 'a' }));
    while ((await grep.started()).length === 0) await sleep(5);
    client.destroy();
    await Promise.all((await grep.started()).map(untilEnded));
    while (childrenOf(service.child.pid ?? 0).length > 0) await sleep(5);
  });

  it('ends a search when its worker is killed', async () => {
    const grep = await slowGrep(folder.path);
    await start({ PATH: grep.PATH });
    // Long-running programs are bound to their worker.
    const answer = post({ action: 'search', term: 'a.*b', syntax: 'regex' }).catch(() => 'lost');
    while ((await grep.started()).length === 0) await sleep(5);
    const pids = [...(await grep.started()), ...childrenOf(service.child.pid ?? 0)];
    expect(pids.some(isAlive)).to.equal(true);
    service.child.kill('SIGKILL');
    expect(await answer).to.equal('lost');
    await Promise.all(pids.map(untilEnded));
  });
});
