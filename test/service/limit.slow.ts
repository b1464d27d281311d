import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { makeOperator, type Operator } from '../helpers/operator.js';

describe('RATE_LIMIT', function () {
  this.timeout(120_000);
  let operator: Operator;
  before(async () => {
    operator = await makeOperator();
  });
  after(() => operator.leave());

  it('counts over all workers, and across a reload', async () => {
    expect(await operator.start({ RATE_LIMIT: '100/h' })).to.include({ status: 0 });
    const send = async () => {
      const headers = { Connection: 'close', 'X-Forwarded-For': '192.0.2.1' };
      const { status, headers: received } = await fetch(`${operator.url}/api/v1/dictionaries`, { headers });
      return { status, remaining: Number(received.get('RateLimit-Remaining')) };
    };
    const countAllowed = async (times: number) => {
      const found = await Promise.all(Array.from({ length: times }, send));
      expect(found.every(({ status }) => status === 200 || status === 429)).to.equal(true);
      return found.filter(({ status }) => status === 200).length;
    };
    expect(await countAllowed(40)).to.equal(40);
    // The start command has also sent a request.
    const { remaining } = await send();
    expect(remaining).to.be.below(60).and.above(50);
    expect(await operator.pm2('reload grepd')).to.include({ status: 0 });
    expect(await countAllowed(200)).to.equal(remaining);
    expect(await countAllowed(10)).to.equal(0);
  });

  it('does not prevent a reload, however small it is', async () => {
    const reload = await operator.sh('npm run reload', { RATE_LIMIT: '1/h' });
    expect(reload).to.include({ status: 0 });
    expect((await fetch(`${operator.url}/api/v1/dictionaries`)).status).to.equal(429);
  });
});

describe('CONNECTIONS_PER_WORKER under PM2', function () {
  this.timeout(120_000);
  let operator: Operator;
  before(async () => {
    operator = await makeOperator();
  });
  after(() => operator.leave());

  it('closes connections beyond the limit, and accepts new ones when others have closed', async () => {
    expect(await operator.start({ CONNECTIONS_PER_WORKER: '2' })).to.include({ status: 0 });
    let closed = 0;
    const sockets = Array.from({ length: 12 }, () =>
      connect(operator.port, '127.0.0.1')
        .on('error', () => {})
        .once('close', () => {
          closed += 1;
        })
        .resume(),
    );
    while (closed < 8) await sleep(20);
    for (const socket of sockets) socket.destroy();
    while (
      !(await fetch(`${operator.url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      ))
    )
      await sleep(20);
  });
});
