import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { html } from '../../../src/http/pages/html.js';
import { regexPatterns } from '../../../src/http/pages/regex-patterns.js';
import { routes } from '../../../src/http/routes.js';
import { useApp } from '../../helpers/use-app.js';

describe('the help', () => {
  const suite = useApp();
  const get = async (path: string) => (await fetch(suite.url + path, { headers: { Accept: 'text/html' } })).text();
  const linksOf = (page: string) => [...page.matchAll(/href="(\/[^"]*)"/g)].map(([, path = '']) => path);

  it('links only to pages that exist and to searches that succeed', async () => {
    const links = linksOf(await get('/help')).map((path) => path.replaceAll('&amp;', '&'));
    expect(links.filter((path) => path.startsWith('/?'))).to.have.length.above(10);
    for (const path of new Set(links)) {
      const response = await fetch(suite.url + path);
      expect(response.status, path).to.equal(200);
      expect(await response.text(), path).to.not.include('role="alert"');
    }
  });

  it('links to every match kind with a search that finds something', async () => {
    const kinds = new Set(linksOf(await get('/help')).map((path) => /&amp;syntax=(\w+)/.exec(path)?.[1]));
    expect([...kinds]).to.include.members(['word', 'regex', 'phrase']);
    for (const path of linksOf(await get('/help')).filter((each) => /^\/\?(?!.*syntax=regex)/.test(each)))
      expect(await get(path.replaceAll('&amp;', '&')), path).to.include('<mark>');
  });

  for (const { pattern, matches, example } of regexPatterns) {
    it(`shows a pattern that grep -E finds in its example: ${pattern}`, async () => {
      const { status } = spawnSync('grep', ['-E', '-e', pattern], { input: `${example}\n` });
      expect(status).to.equal(0);
      expect(spawnSync('grep', ['-F', '-e', pattern], { input: `${example}\n` }).status, 'a plain text').to.equal(1);
      expect(await get('/help'))
        .to.include(matches)
        .and.include(html`<td>${example}</td>`.text);
    });
  }

  it('is in the navigation of every page, with one link for the API', async () => {
    for (const path of ['/', '/d', '/help', '/docs', '/api/v1/web', '/status', '/nope']) {
      const [, nav = ''] = /<nav aria-label="Pages">(.*?)<\/nav>/s.exec(await get(path)) ?? [];
      expect(linksOf(nav), path).to.deep.equal(['/d', '/help', '/api/v1/web', '/status']);
    }
  });

  it('is apart from the instructions, which link to the reference and the document', async () => {
    const links = linksOf(await get(routes.instructions.path));
    expect(links).to.include.members([routes.docs.path, routes.openapi.path]);
  });
});
