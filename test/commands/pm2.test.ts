import { expect } from 'chai';
import { parseApps } from '../../src/commands/pm2.js';

describe('parseApps', () => {
  it('reads the list between notices of PM2', () => {
    const notice = '\u001b[31m>>>> In-memory PM2 is out-of-date, do:\n>>>> $ pm2 update\n[PM2] connected\n';
    expect(parseApps(`${notice}[{"name":"grepd"}]\n${notice}`)).to.deep.equal([{ name: 'grepd' }]);
    expect(parseApps('[]')).to.deep.equal([]);
  });

  it('returns undefined without a list', () => {
    for (const output of ['', '[PM2] Spawning PM2 daemon\n[PM2] PM2 Successfully daemonized\n', 'an error'])
      expect(parseApps(output)).to.equal(undefined);
  });
});
