// The proxy configurations of deploy/, except for ports and paths: no request is lost through them
// while grepd is reloaded.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Agent, request } from 'undici';
import { ADMIN_SOCKET, replaceEach, serverLine } from '../helpers/balancer.js';
import { freePort, makeOperator, type Operator } from '../helpers/operator.js';
import { describeWith } from '../helpers/programs.js';
import { PROJECT } from '../helpers/project.js';

const example = (name: string) => readFileSync(join(PROJECT, 'deploy', name), 'utf8');

/** The proxies' own limits on idle connections are set for grepd's default. */
const DEFAULT_KEEP_ALIVE = { KEEP_ALIVE_TIMEOUT_MS: '' };

const proxies = {
  nginx: {
    needs: { names: ['nginx'], packages: 'nginx-light' },
    write(folder: string, port: number, grepdPort: number): string[] {
      const site = replaceEach(example('nginx.conf'), [
        ['server 127.0.0.1:3000;', `server 127.0.0.1:${grepdPort};`],
        ['listen 80;', `listen 127.0.0.1:${port};`],
      ]);
      const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (name) => `${name}_temp_path ${folder}/${name};`,
      );
      const main = `daemon off;\npid ${folder}/pid;\nerror_log ${folder}/error.log;\nevents {}\nhttp {\naccess_log off;\n${paths.join('\n')}\n${site}\n}\n`;
      writeFileSync(join(folder, 'nginx.conf'), main);
      return ['-e', `${folder}/error.log`, '-c', join(folder, 'nginx.conf')];
    },
  },
  HAProxy: {
    needs: { names: ['haproxy'], packages: 'haproxy' },
    write(folder: string, port: number, grepdPort: number): string[] {
      const text = replaceEach(example('haproxy.cfg'), [
        [serverLine(0), `server one 127.0.0.1:${grepdPort}`],
        [ADMIN_SOCKET, join(folder, 'admin')],
        [serverLine(1), ''],
        [serverLine(2), ''],
        ['bind :80', `bind 127.0.0.1:${port}`],
      ]);
      writeFileSync(join(folder, 'haproxy.cfg'), text);
      return ['-db', '-f', join(folder, 'haproxy.cfg')];
    },
  },
};

for (const [title, { needs, write }] of Object.entries(proxies)) {
  describeWith(`grepd behind ${title}`, needs, function (program) {
    this.timeout(120_000);
    let operator: Operator;
    let proxy: ChildProcess;
    let url: string;
    const agent = new Agent({ connections: 8 });
    before(async () => {
      operator = await makeOperator();
      expect(await operator.start({ ...DEFAULT_KEEP_ALIVE, TRUST_PROXY: '1', RATE_LIMIT: '1000000/h' })).to.include({
        status: 0,
      });
      const port = await freePort();
      const folder = join(operator.folder, 'proxy');
      mkdirSync(folder);
      proxy = spawn(program, write(folder, port, operator.port), { stdio: 'ignore' });
      url = `http://127.0.0.1:${port}`;
      while (!(await isReady())) {
        if (proxy.exitCode !== null) throw new Error(`${title} exited immediately`);
        await sleep(50);
      }
    });
    after(async () => {
      await agent.close();
      if (proxy.exitCode === null && proxy.kill('SIGTERM')) await once(proxy, 'exit');
      await operator.leave();
    });

    const isReady = async () =>
      fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );

    async function send(body: object): Promise<{ status: number; text: string }> {
      const { statusCode, body: answer } = await request(`${url}/api/v1/json`, {
        dispatcher: agent,
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: statusCode, text: await answer.text() };
    }

    it('passes on responses unchanged, including errors and large ones', async () => {
      for (const [status, body] of [
        [200, { action: 'search', term: 'HISTORY, n.' }],
        [404, { action: 'search', term: 'love', dictionary: 'nope' }],
        [200, { action: 'all', dictionary: 'king-james-bible.txt' }],
      ] as const) {
        const direct = await fetch(`${operator.url}/api/v1/json`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(body),
        });
        const answer = await send(body);
        expect(answer.status).to.equal(status);
        expect(answer.text === (await direct.text())).to.equal(true);
      }
    });

    it('passes on the address of the caller, and the URL', async () => {
      const page = await (await fetch(`${url}/api/v1/web`)).text();
      expect(page).to.include(`${url}/api/v1/json`);
      // A forged X-Forwarded-For doesn't change the caller.
      const remaining = [];
      for (const address of ['192.0.2.1', '192.0.2.2']) {
        const { headers } = await fetch(`${url}/api/v1/dictionaries`, { headers: { 'X-Forwarded-For': address } });
        remaining.push(Number(headers.get('ratelimit-remaining')));
      }
      expect(remaining[1]).to.equal((remaining[0] as number) - 1);
    });

    it('loses no request while grepd is reloaded', async () => {
      const failures: string[] = [];
      let answered = 0;
      let isOver = false;
      const client = async (number: number) => {
        for (let n = 0; !isOver; n += 1) {
          try {
            const { status } = await send({ action: 'search', term: `love ${number} ${n}`, syntax: 'word' });
            if (status !== 200) failures.push(String(status));
            else answered += 1;
          } catch (error) {
            failures.push(String(error));
          }
          // Some requests arrive just before an idle connection is closed.
          if (n % 50 === 0) await sleep(5_000 * Math.random());
        }
      };
      const clients = Array.from({ length: 8 }, (_, number) => client(number));
      for (let times = 0; times < 2; times += 1) {
        expect(await operator.pm2('reload grepd')).to.include({ status: 0 });
        await sleep(500);
      }
      isOver = true;
      await Promise.all(clients);
      expect(failures).to.deep.equal([]);
      expect(answered).to.be.above(50);
    });
  });
}
