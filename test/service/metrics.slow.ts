// Metrics of a cluster, compared with what its clients have counted.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { request } from 'undici';
import { makeOperator, type Operator } from '../helpers/operator.js';

describe('GET /metrics', function () {
  this.timeout(120_000);
  let operator: Operator;
  before(async () => {
    operator = await makeOperator();
  });
  after(() => operator.leave());

  const route = '/api/v1/json';

  /** Returns the sum of all series of a name whose labels contain this text. */
  async function total(name: string, labels = ''): Promise<number> {
    const { statusCode, headers, body } = await request(`${operator.url}/metrics`);
    expect(statusCode).to.equal(200);
    expect(headers['content-type']).to.equal('text/plain; version=0.0.4; charset=utf-8');
    const text = await body.text();
    return text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => line.includes(labels))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  it('counts exactly what the clients count, across reloads and a killed worker', async () => {
    expect(await operator.start()).to.include({ status: 0 });
    /** The number of requests by the labels of their series. */
    const counted = new Map<string, number>();
    let bytes = 0;
    let isOver = false;
    const bodies = [
      [200, 'search', { action: 'search', term: 'love' }],
      [200, 'all', { action: 'all', nresults: 3 }],
      [400, '', { action: 'search' }],
      [404, 'search', { action: 'search', term: 'love', dictionary: 'nope' }],
    ] as const;
    const send = async () => {
      for (let n = 0; !isOver; n += 1) {
        const [status, action, payload] = bodies[n % bodies.length] as (typeof bodies)[number];
        const { statusCode, body } = await request(operator.url + route, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(payload),
        });
        bytes += (await body.arrayBuffer()).byteLength;
        expect(statusCode).to.equal(status);
        const series = `action="${action}",status="${status}"`;
        counted.set(series, (counted.get(series) ?? 0) + 1);
      }
    };
    const clients = () => Array.from({ length: 4 }, send);
    let last = 0;
    const watch = async () => {
      while (!isOver) {
        const now = await total('grepd_requests_total', `route="${route}"`);
        expect(now).to.be.at.least(last);
        last = now;
        await sleep(20);
      }
    };
    const under = async (work: () => Promise<void>) => {
      isOver = false;
      const all = Promise.all([...clients(), watch()]);
      await work();
      isOver = true;
      await all;
    };
    /** Waits a moment, as a request is counted after its response. */
    const compare = async () => {
      await sleep(500);
      for (const [series, count] of counted) {
        expect(await total('grepd_requests_total', `route="${route}",${series}`), series).to.equal(count);
      }
      const all = [...counted.values()].reduce((sum, count) => sum + count, 0);
      expect(await total('grepd_requests_total', `route="${route}"`)).to.equal(all);
      expect(await total('grepd_request_duration_seconds_count', `route="${route}"`)).to.equal(all);
      expect(await total('grepd_sent_bytes_total')).to.be.above(bytes);
    };

    await under(async () => {
      for (let times = 0; times < 2; times += 1) {
        await sleep(300);
        expect(await operator.pm2('reload grepd')).to.include({ status: 0 });
      }
    });
    await compare();
    expect(await total('grepd_drains_total')).to.equal(4);

    // Without load, every worker has written its counters.
    const [killed] = await operator.workers();
    process.kill(killed?.pid as number, 'SIGKILL');
    while ((await operator.workers()).some(({ pid, pm2_env }) => pid === killed?.pid || pm2_env.status !== 'online'))
      await sleep(100);
    await compare();
    await under(() => sleep(300));
    await compare();
    expect(await total('grepd_workers')).to.equal(2);
    expect(counted.size).to.equal(4);
  });
});
