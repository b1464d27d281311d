import { expect } from 'chai';
import { startApp } from '../../helpers/start-app.js';
import { stubEngine } from '../../helpers/stub-engine.js';

describe('health and readiness', () => {
  for (const [phase, status] of [
    ['starting', 503],
    ['ready', 200],
    ['draining', 503],
  ] as const) {
    it(`is alive, and ${status === 200 ? '' : 'not '}ready, while ${phase}`, async () => {
      const app = await startApp({ engine: stubEngine(() => expect.fail('no search')), phase: () => phase });
      try {
        expect(await (await fetch(`${app.url}/healthz`)).json()).to.deep.equal({ status: 'alive' });
        const response = await fetch(`${app.url}/readyz`);
        expect(response.status).to.equal(status);
        expect(await response.json()).to.include(status === 200 ? { status: 'ready' } : { Code: 503 });
      } finally {
        await app.close();
      }
    });
  }
});
