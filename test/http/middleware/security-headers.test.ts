import { expect } from 'chai';
import { useFixtureApp } from '../../helpers/use-app.js';

describe('what browsers are told to allow', () => {
  const suite = useFixtureApp();

  const pages = [
    '/',
    '/?term=love&dictionary=folder',
    '/?term=a&dictionary=nope',
    '/d',
    '/d/folder',
    '/d/plain.txt',
    '/api/v1/web',
    '/docs',
  ];
  for (const path of pages) {
    it(`is nothing but what is served here, and nothing in the page itself: ${path}`, async () => {
      const response = await fetch(suite.url + path);
      const policy = response.headers.get('content-security-policy')?.split(';') ?? [];
      expect(policy).to.include.members([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ]);
      expect(policy.join()).to.not.match(/unsafe|\*|http/);
      const text = await response.text();
      expect(text).to.not.match(/<style|\sstyle=|\son\w+=|javascript:/i);
      for (const [, attributes] of text.matchAll(/<script([^>]*)>/g)) expect(attributes).to.include('src="/static/');
      for (const [, address = ''] of text.matchAll(/(?:src|href|action)="([^"]*)"/g))
        expect(address).to.match(/^\/(?!\/)/);
    });
  }

  it('is said with errors, too', async () => {
    const { headers } = await fetch(`${suite.url}/nope`);
    expect(headers.get('content-security-policy')).to.include("default-src 'none'");
    expect(headers.get('x-frame-options')).to.equal('DENY');
    expect(headers.get('referrer-policy')).to.equal('no-referrer');
    // Who terminates TLS knows about that.
    expect(headers.get('strict-transport-security')).to.equal(null);
  });

  it('is to take no answer for anything else than it is', async () => {
    for (const path of ['/', '/api/v1/dictionaries', '/nope', '/healthz']) {
      expect((await fetch(suite.url + path)).headers.get('x-content-type-options'), path).to.equal('nosniff');
    }
    const whole = await suite.app.post({ action: 'search', term: 'love', dictionary: 'plain.txt' });
    expect(whole.headers.get('x-content-type-options')).to.equal('nosniff');
    const refused = await suite.app.post({ action: 'find' });
    expect(refused.headers.get('x-content-type-options')).to.equal('nosniff');
  });
});
