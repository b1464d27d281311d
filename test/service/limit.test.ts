import { expect } from 'chai';
import { makeOperator, type Operator } from '../helpers/operator.js';

describe('RATE_LIMIT', function () {
  this.timeout(120_000);
  let operator: Operator;
  before(async () => {
    operator = await makeOperator();
  });
  after(() => operator.leave());

  it('is one for all workers, also over a reload', async () => {
    expect(await operator.start({ RATE_LIMIT: '100/h' })).to.include({ status: 0 });
    const ask = async () => {
      const headers = { Connection: 'close', 'X-Forwarded-For': '192.0.2.1' };
      const { status } = await fetch(`${operator.url}/api/v1/dictionaries?${Math.random()}`, { headers });
      return status;
    };
    const asked = async (times: number) => {
      const found = await Promise.all(Array.from({ length: times }, ask));
      expect(found.every((status) => status === 200 || status === 429)).to.equal(true);
      return found.filter((status) => status === 200).length;
    };
    // The command that starts it has asked, too.
    const before = (await asked(40)) + 1;
    expect(before).to.equal(41);
    expect(await operator.pm2('reload grepd')).to.include({ status: 0 });
    expect(before + (await asked(200))).to.be.within(99, 100);
    expect(await asked(10)).to.equal(0);
  });
});
