import { expect } from 'chai';
import { fuzz } from '../helpers/fuzz.js';
import { type Service, spawnService } from '../helpers/spawn-service.js';

describe('a worker that receives malformed HTTP', function () {
  this.timeout(120_000);
  let service: Service;
  before(() => {
    service = spawnService({});
  });
  after(async () => {
    service.child.kill('SIGINT');
    await service.exited;
  });

  it('neither exits nor answers 500', async () => {
    const { port } = new URL(await service.url());
    const statuses = await fuzz({ port: Number(port), count: 5_000, seed: 1 });
    expect(service.events('bug')).to.deep.equal([]);
    expect(service.child.exitCode).to.equal(null);
    expect(statuses).to.include.all.keys('200', '400', '404', '501').and.not.have.property('500');
    expect((await fetch(`${await service.url()}/healthz`)).status).to.equal(200);
  });
});
