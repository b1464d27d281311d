// GET /total in a worker: its settings, a drain while it adds up, and concurrent requests.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type NumbersServer, numbersServer } from '../helpers/numbers-server.js';
import { type Service, spawnService } from '../helpers/spawn-service.js';

describe('GET /total of a worker', function () {
  this.timeout(30_000);

  let numbers: NumbersServer | undefined;
  let service: Service | undefined;
  afterEach(async () => {
    service?.child.kill('SIGKILL');
    await service?.exited;
    await numbers?.close();
    numbers = undefined;
  });

  async function start(env: Record<string, string> = {}): Promise<string> {
    service = spawnService(env);
    return service.url();
  }

  it('is the sum of the integers from 0 to 1,000,000 without an API', async () => {
    const url = await start();
    expect(await (await fetch(`${url}/total`)).text()).to.equal('{"total":500000500000}');
  });

  it('answers 502 if the API sends something else, and 504 if it is slow', async () => {
    const answers = ['[1,2,3.5]', '{"numbers":[]}', undefined, '[1'.padEnd(2 * 2 ** 20)];
    numbers = await numbersServer((_, response) => {
      const answer = answers[(numbers?.requests() ?? 0) - 1];
      if (answer !== undefined) response.end(answer);
    });
    const url = await start({ NUMBERS_API_URL: numbers.url, NUMBERS_TIMEOUT_MS: '2000', NUMBERS_BODY_MB: '1' });
    const responses = [];
    for (const _ of answers) responses.push(await fetch(`${url}/total`));
    expect(responses.map(({ status }) => status)).to.deep.equal([200, 502, 504, 502]);
    expect(await Promise.all(responses.map((response) => response.text()))).to.deep.equal([
      '{"total":6.5}',
      '{"Code":502,"message":"The numbers API must return a JSON array of numbers, got \\"{\\\\\\"numbers\\\\\\":[]}\\". See /api/v1/web for instructions."}',
      '{"Code":504,"message":"Fetching and summing the numbers took longer than 2000 ms. See /api/v1/web for instructions."}',
      '{"Code":502,"message":"The response of the numbers API is larger than 1048576 bytes. See /api/v1/web for instructions."}',
    ]);
  });

  it('is finished before a drained worker exits', async () => {
    let answer = () => {};
    numbers = await numbersServer((_, response) => {
      response.write('[40,');
      answer = () => response.end('2]');
    });
    const url = await start({ NUMBERS_API_URL: numbers.url });
    const outstanding = [fetch(`${url}/total`), fetch(`${url}/total`)];
    while (numbers.requests() === 0) await sleep(5);
    service?.child.kill('SIGINT');
    await service?.until(() => service?.events('draining').length === 1);
    expect(await fetch(`${url}/healthz`).catch(() => 'refused')).to.equal('refused');
    answer();
    for (const response of await Promise.all(outstanding)) expect(await response.text()).to.equal('{"total":42}');
    expect(numbers.requests()).to.equal(1);
    expect(await service?.exited).to.equal(0);
  });

  it('is aborted when the drain limit has passed', async () => {
    numbers = await numbersServer(() => {});
    const url = await start({ NUMBERS_API_URL: numbers.url, DRAIN_TIMEOUT_MS: '100', NUMBERS_TIMEOUT_MS: '60000' });
    const outstanding = fetch(`${url}/total`).catch(() => 'cut off');
    while (numbers.requests() === 0) await sleep(5);
    service?.child.kill('SIGTERM');
    expect(await outstanding).to.equal('cut off');
    expect(await service?.exited).to.equal(0);
  });

  it('does not block other requests', async () => {
    // Ten thousand digits each: adding up one chunk takes a large part of a second.
    const slow = `[${'1e9999,'.repeat(10_000)}1]`;
    numbers = await numbersServer((_, response) => {
      response.end(slow);
    });
    const url = await start({ NUMBERS_API_URL: numbers.url, NUMBERS_TIMEOUT_MS: '25000' });
    let isDone = false;
    const total = fetch(`${url}/total`).finally(() => {
      isDone = true;
    });
    let answered = 0;
    while (!isDone) {
      expect((await fetch(`${url}/healthz`)).status).to.equal(200);
      answered += 1;
    }
    expect(await (await total).text()).to.equal(`{"total":1${'0'.repeat(10_002)}1}`);
    // There are two chunks.
    expect(answered).to.be.above(20);
  });
});
