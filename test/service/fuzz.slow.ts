// Fuzzes a cluster. For more inputs: `FUZZ_COUNT=100000 npm run test:slow`.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { fuzz } from '../helpers/fuzz.js';
import { makeOperator, type Operator } from '../helpers/operator.js';

const COUNT = Number(process.env.FUZZ_COUNT ?? 10_000);

describe(`a cluster that receives ${COUNT} malformed HTTP inputs`, function () {
  this.timeout(900_000);
  let operator: Operator;
  before(async () => {
    operator = await makeOperator();
  });
  after(() => operator.leave());

  it('loses no worker and logs no error', async () => {
    expect(await operator.start()).to.include({ status: 0 });
    const pids = (await operator.workers()).map(({ pid }) => pid);
    const seed = Date.now() % 2 ** 31;
    const statuses = await fuzz({ port: operator.port, count: COUNT, seed });
    console.info(`      seed ${seed}: ${JSON.stringify(statuses)}`);
    expect((await operator.workers()).map(({ pid }) => pid)).to.deep.equal(pids);
    const logs = join(operator.folder, 'pm2/logs');
    const lines = readdirSync(logs).flatMap((name) => readFileSync(join(logs, name), 'utf8').split('\n'));
    expect(lines.filter((line) => /"level":"(error|fatal)"/.test(line))).to.deep.equal([]);
    expect(statuses).not.to.have.property('500');
    expect((await fetch(`${operator.url}/healthz`)).status).to.equal(200);
  });
});
