// Rotates the log under load with deploy/logrotate.conf.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { makeOperator, type Operator } from '../helpers/operator.js';
import { describeWith } from '../helpers/programs.js';
import { PROJECT } from '../helpers/project.js';

const run = promisify(execFile);

const CLIENTS = 16;
/** At most as many as deploy/logrotate.conf keeps. */
const ROTATIONS = 8;
const REQUESTS_BETWEEN = 200;

describeWith('the log of a cluster under load', { names: ['logrotate'], packages: 'logrotate' }, function (logrotate) {
  this.timeout(300_000);
  let operator: Operator;
  let home: string;
  before(async () => {
    operator = await makeOperator();
    home = join(operator.folder, 'pm2');
  });
  after(() => operator.leave());

  it(`loses and repeats no line in ${ROTATIONS} rotations, one of them during a reload`, async () => {
    const group = (await run('id', ['-gn'])).stdout.trim();
    const example = readFileSync(join(PROJECT, 'deploy/logrotate.conf'), 'utf8');
    const configuration = join(operator.folder, 'logrotate.conf');
    const state = join(operator.folder, 'logrotate.state');
    await writeFile(
      configuration,
      example
        .replaceAll('/var/lib/grepd/pm2', home)
        .replaceAll('/opt/grepd', PROJECT)
        .replace('su grepd grepd', `su ${userInfo().username} ${group}`),
    );
    expect(await operator.start()).to.include({ status: 0 });

    const answered: string[] = [];
    let isOver = false;
    const clients = Array.from({ length: CLIENTS }, async (_, client) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let number = 0; !isOver; number += 1) {
        const id = `rotation-${client}-${number}`;
        await send(agent, id);
        answered.push(id);
      }
      agent.destroy();
    });
    let reload: Promise<unknown> = Promise.resolve();
    for (let rotation = 1; rotation <= ROTATIONS; rotation += 1) {
      const before = answered.length;
      while (answered.length < before + REQUESTS_BETWEEN) await sleep(1);
      if (rotation === ROTATIONS / 2) reload = operator.pm2('reload grepd');
      await run(logrotate, ['--force', '--state', state, configuration]);
    }
    expect(await reload).to.include({ status: 0 });
    isOver = true;
    await Promise.all(clients);
    expect(await operator.sh('npm stop')).to.include({ status: 0 });

    const files = readdirSync(join(home, 'logs')).filter((name) => name.startsWith('grepd-out.log'));
    expect(files).to.have.length(ROTATIONS + 1);
    const lines = files.flatMap((name) => readLog(join(home, 'logs', name)).split('\n'));
    // PM2 writes a message of its own to the log.
    const events = lines.filter((line) => line !== '' && line !== 'Reloading log...').map((line) => JSON.parse(line));
    const logged = events.filter(({ msg, id }) => msg === 'request' && /^rotation-/.test(id)).map(({ id }) => id);
    console.info(`      ${answered.length} requests, ${logged.length} lines in ${files.length} files`);
    expect(new Set(logged).size, 'no line twice').to.equal(logged.length);
    const missing = new Set(answered);
    for (const id of logged) missing.delete(id);
    expect([...missing]).to.deep.equal([]);
    expect(logged).to.have.length(answered.length);
  });

  function send(agent: Agent, id: string): Promise<void> {
    return new Promise((resolve, reject) => {
      get(`${operator.url}/healthz`, { agent, headers: { 'X-Request-Id': id } }, (response) => {
        response.resume().once('end', resolve);
      }).once('error', reject);
    });
  }
});

function readLog(path: string): string {
  const bytes = readFileSync(path);
  return String(path.endsWith('.gz') ? gunzipSync(bytes) : bytes);
}
