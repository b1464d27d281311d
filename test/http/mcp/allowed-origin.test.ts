import { expect } from 'chai';
import { assertAllowedOrigin } from '../../../src/http/mcp/allowed-origin.js';
import type { RequestContext } from '../../../src/http/request-state.js';
import { postMcp, toolCall } from '../../helpers/mcp.js';
import { startApp } from '../../helpers/start-app.js';

describe('assertAllowedOrigin', () => {
  const isAllowed = (origin: string | undefined, host: string, corsOrigins: string[] = [], key?: string) => {
    const ctx = { req: { headers: { origin, host } }, state: { id: 'a', ...(key && { key }) } };
    try {
      assertAllowedOrigin(ctx as unknown as RequestContext, corsOrigins);
      return true;
    } catch (error) {
      expect(error).to.have.property('code', 'cross_site');
      return false;
    }
  };

  it('allows programs, which send no Origin', () => {
    expect(isAllowed(undefined, 'grepd.example')).to.equal(true);
  });

  it('allows the same origin by address or as localhost', () => {
    for (const host of ['127.0.0.1:3000', 'localhost:3000', '[::1]:3000', '192.168.0.2', 'a.localhost'])
      expect(isAllowed(`http://${host}`, host), host).to.equal(true);
  });

  it('rejects a name that may have been rebound to this service, unless the caller has a key', () => {
    expect(isAllowed('http://evil.example:3000', 'evil.example:3000')).to.equal(false);
    expect(isAllowed('http://localhost.evil.example', 'localhost.evil.example')).to.equal(false);
    expect(isAllowed('https://grepd.example', 'grepd.example', [], 'agent')).to.equal(true);
  });

  it('rejects other origins, even with a key, unless CORS_ORIGINS contains them', () => {
    for (const origin of ['http://evil.example', 'null', '', 'x', 'http://127.0.0.1:3001'])
      expect(isAllowed(origin, '127.0.0.1:3000', ['https://a.example'], 'agent'), origin).to.equal(false);
    expect(isAllowed('https://a.example', '127.0.0.1:3000', ['https://a.example'])).to.equal(true);
    expect(isAllowed('https://b.example', '127.0.0.1:3000', ['*'])).to.equal(true);
  });

  it('answers 403 before it reads the message, and allows preflights of allowed origins', async () => {
    const app = await startApp({ corsOrigins: ['https://a.example'] });
    try {
      const rejected = await postMcp(app.url, '{', { Origin: 'https://b.example' });
      expect(rejected.status).to.equal(403);
      expect(await rejected.json())
        .to.have.property('message')
        .that.includes('CORS_ORIGINS');
      const allowed = await postMcp(app.url, toolCall('list_dictionaries'), { Origin: 'https://a.example' });
      expect(allowed.status).to.equal(200);
      const headers = { Origin: 'https://a.example', 'Access-Control-Request-Method': 'POST' };
      const preflight = await fetch(`${app.url}/mcp`, { method: 'OPTIONS', headers });
      expect(preflight.headers.get('access-control-allow-headers')).to.include('Mcp-Protocol-Version');
    } finally {
      await app.close();
    }
  });
});
