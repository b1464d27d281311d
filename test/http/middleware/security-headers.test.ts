import { expect } from 'chai';
import { useFixtureApp } from '../../helpers/use-app.js';

describe('securityHeaders', () => {
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
    '/help',
  ];
  for (const path of pages) {
    it(`allows resources of this origin only, and no inline code: ${path}`, async () => {
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
      for (const [, address = ''] of text.matchAll(/\s(?:src|href|action)="([^"]*)"/g))
        expect(address).to.match(/^(#|\/(?!\/))/);
    });
  }

  it('applies to errors, too', async () => {
    const { headers } = await fetch(`${suite.url}/nope`);
    expect(headers.get('content-security-policy')).to.include("default-src 'none'");
    expect(headers.get('x-frame-options')).to.equal('DENY');
    expect(headers.get('referrer-policy')).to.equal('no-referrer');
    // HSTS belongs to the TLS terminator.
    expect(headers.get('strict-transport-security')).to.equal(null);
  });

  it('forbids content sniffing', async () => {
    for (const path of ['/', '/api/v1/dictionaries', '/nope', '/healthz']) {
      expect((await fetch(suite.url + path)).headers.get('x-content-type-options'), path).to.equal('nosniff');
    }
    const whole = await suite.app.post({ action: 'search', term: 'love', dictionary: 'plain.txt' });
    expect(whole.headers.get('x-content-type-options')).to.equal('nosniff');
    const refused = await suite.app.post({ action: 'find' });
    expect(refused.headers.get('x-content-type-options')).to.equal('nosniff');
  });
});
