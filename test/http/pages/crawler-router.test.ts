import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { ApiKeys, createApiKey } from '../../../src/auth/api-keys.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

describe('the files for crawlers and browsers', () => {
  let folder: TempFolder;
  let app: RunningApp;
  before(async () => {
    folder = await tempFolder();
    await writeFile(join(folder.path, 'keys'), createApiKey('reader').line);
    app = await startApp({ keys: new ApiKeys(join(folder.path, 'keys'), pino({ level: 'silent' })) });
  });
  after(async () => {
    await app.close();
    await folder.remove();
  });

  it('let crawlers read the texts and the documentation, but not search', async () => {
    const response = await fetch(`${app.url}/robots.txt`);
    expect(response.status).to.equal(200);
    expect(response.headers.get('content-type')).to.equal('text/plain; charset=utf-8');
    expect(response.headers.get('cache-control')).to.equal('public, max-age=86400');
    const isAllowed = crawler(await response.text());
    for (const path of ['/', '/d', '/d/moby-dick', '/d/a.txt?from=61', '/docs', '/openapi.json', '/api/v1/web'])
      expect(isAllowed(path), path).to.equal(true);
    for (const path of ['/?term=love', '/random', '/d/a.txt?line=5', '/api/v1/search?term=love', '/api/v1/json'])
      expect(isAllowed(path), path).to.equal(false);
    for (const path of ['/total', '/metrics', '/status', '/wait?seconds=60'])
      expect(isAllowed(path), path).to.equal(false);
  });

  it('include the icon, without a key', async () => {
    const response = await fetch(`${app.url}/favicon.ico`);
    expect(response.status).to.equal(200);
    expect(response.headers.get('content-type')).to.equal('image/x-icon');
    const bytes = Buffer.from(await response.arrayBuffer());
    // The header of an icon, and the number of its images.
    expect([...bytes.subarray(0, 6)]).to.deep.equal([0, 0, 1, 0, 3, 0]);
  });
});

/** Applies the rules as RFC 9309 says: the longest that matches decides. */
function crawler(robots: string): (path: string) => boolean {
  const rules = [...robots.matchAll(/^(Allow|Disallow): (.+)$/gm)].map(([, kind, path = '']) => ({ kind, path }));
  expect(robots).to.match(/^User-agent: \*\n/);
  return (requested) => {
    const matching = rules.filter(({ path }) => {
      const pattern = path.split('*').map((part) => part.replace(/[.?]/g, '\\$&'));
      return new RegExp(`^${pattern.join('.*')}`).test(requested);
    });
    const longest = matching.sort((a, b) => b.path.length - a.path.length)[0];
    return longest?.kind !== 'Disallow';
  };
}
