// Clients of MCP continue during reloads, because workers keep no sessions.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { connectMcp, VERSIONS } from '../helpers/mcp.js';
import { makeOperator, type Operator } from '../helpers/operator.js';

const CLIENTS_PER_VERSION = 2;
const RELOADS = ['npm', 'pm2'] as const;

describe('clients of MCP', function () {
  this.timeout(120_000);
  let operator: Operator;
  before(async () => {
    operator = await makeOperator();
  });
  after(() => operator.leave());

  it('lose no call during reloads', async () => {
    expect(await operator.start({ WORKERS: '2', LOG_LEVEL: 'warn' })).to.include({ status: 0 });
    const failures: unknown[] = [];
    let calls = 0;
    let isStopped = false;
    const use = async (version: (typeof VERSIONS)[number]) => {
      const mcp = await connectMcp(operator.url, version);
      while (!isStopped) {
        try {
          const { isError, text } = await mcp.call('search', { term: 'ABATIS', dictionary: 'devils-dictionary.txt' });
          if (isError || !text.startsWith('1 entry:')) failures.push(text);
          calls += 1;
        } catch (error) {
          failures.push(`${version}: ${String((error as Error).cause ?? error)}`);
        }
        await sleep(10);
      }
      await mcp.client.close();
    };
    const users = VERSIONS.flatMap((version) => Array.from({ length: CLIENTS_PER_VERSION }, () => use(version)));
    try {
      for (const by of RELOADS) {
        const before = (await operator.workers()).map(({ pid }) => pid);
        const { status, stdout, stderr } =
          by === 'pm2' ? await operator.pm2('reload grepd') : await operator.sh('npm run reload');
        expect(status, stdout + stderr).to.equal(0);
        expect((await operator.workers()).map(({ pid }) => pid)).to.not.include.members(before);
      }
    } finally {
      isStopped = true;
      await Promise.all(users);
    }
    expect(failures).to.deep.equal([]);
    expect(calls).to.be.above(100);
  });
});
