// The lists of texts: filter, pages and counts.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { request } from 'undici';
import { useFixtureApp } from '../../helpers/use-app.js';

const LISTS = { '/d': '', '/d/many': 'many' };

describe('the lists of texts', () => {
  const suite = useFixtureApp();
  before(async () => {
    for (const folder of Object.values(LISTS)) {
      const path = join(suite.dictionaries, folder);
      await mkdir(path, { recursive: true });
      const names = Array.from({ length: 1_001 }, (_, at) => `T-${at + 1_000}.txt`);
      await Promise.all(names.map((name) => writeFile(join(path, name), 'text')));
    }
  });

  async function get(path: string) {
    const response = await fetch(suite.url + path, { headers: { Accept: 'text/html' } });
    const text = await response.text();
    const links = [...text.matchAll(/<a rel="\w+" href="([^"]*)">(.*?)<\/a>/g)];
    return {
      status: response.status,
      etag: response.headers.get('etag'),
      text,
      names: [...text.matchAll(/<td><a href="[^"]*" dir="auto">(.*?)<\/a>/g)].map(([, name]) => name),
      count: /<p class="hint">(.*?)<\/p>/.exec(text)?.[1],
      links: Object.fromEntries(links.map(([, to = '', label]) => [label, to.replaceAll('&amp;', '&')])),
    };
  }

  for (const path of Object.keys(LISTS)) {
    it(`select texts by a part of their names: ${path}`, async () => {
      const { names, count, links, text } = await get(`${path}?filter=t-10`);
      expect(names).to.have.length(100).and.include('T-1042.txt').and.not.include('T-1142.txt');
      expect(count).to.match(/^100 of 1,0\d\d texts, 400 bytes$/);
      expect(links).to.deep.equal({});
      expect(text).to.include('name="filter" value="t-10"').and.include(`<a href="${path}">Show all</a>`);
    });

    it(`select texts by a glob: ${path}`, async () => {
      expect((await get(`${path}?filter=t-*7.txt`)).names).to.have.length(100);
      expect((await get(`${path}?filter=T-204?.txt`)).names).to.deep.equal([]);
      expect((await get(`${path}?filter=T-1?42.*`)).names).to.have.length(10);
    });

    it(`page through the texts that a filter selects: ${path}`, async () => {
      const counts: unknown[] = [];
      const seen: unknown[] = [];
      let next: string | undefined = `${path}?filter=T-????.txt`;
      while (next !== undefined) {
        const { names, links, count } = await get(next);
        counts.push(count?.replace(/^.*; /, ''));
        seen.push(...names);
        next = links['Next texts'];
      }
      expect(counts).to.deep.equal(['here 1 to 500', 'here 501 to 1,000', 'here 1,001 to 1,001']);
      expect(new Set(seen)).to.have.property('size', 1_001);
      const last = await get(`${path}?filter=T-????.txt&from=99999`);
      expect(last.names).to.deep.equal(['T-2000.txt']);
      expect(last.links).to.deep.equal({ 'Previous texts': `${path}?filter=T-%3F%3F%3F%3F.txt&from=501` });
    });

    it(`say that no text matches, and let the reader show all: ${path}`, async () => {
      const { status, names, count, text } = await get(`${path}?filter=%3Ci%3E`);
      expect(status).to.equal(200);
      expect(names).to.deep.equal([]);
      expect(count).to.match(/^0 of 1,0\d\d texts$/);
      expect(text).to.include('value="&lt;i&gt;"').and.include('Show all').and.not.include('<table>');
    });

    it(`are revalidated: ${path}`, async () => {
      for (const query of ['', '?filter=t-10', '?from=501']) {
        const { etag } = await get(path + query);
        const { statusCode, body } = await request(suite.url + path + query, {
          headers: { Accept: 'text/html', 'If-None-Match': String(etag) },
        });
        await body.dump();
        expect(statusCode).to.equal(304);
        expect((await get(`${path}?filter=t-11`)).etag).to.not.equal(etag);
      }
    });

    for (const [query, problem] of [
      ['from=0', '&quot;from&quot; must be an integer, 1 or more, got 0.'],
      [`filter=${'é'.repeat(256)}`, '&quot;filter&quot; must be a string of at most 255 characters'],
    ] as const) {
      it(`reject an invalid value: ${path}?${query.slice(0, 12)}`, async () => {
        const { status, text } = await get(`${path}?${query}`);
        expect(status).to.equal(400);
        expect(text).to.include(problem);
      });
    }
  }

  it('show only the first texts without a filter, with the number and size of all', async () => {
    const { names, count, links } = await get('/d/many');
    expect(names).to.have.length(500);
    expect(count).to.equal('1,001 texts, 4.0 kB; here 1 to 500');
    expect(links).to.deep.equal({ 'Next texts': '/d/many?from=501' });
  });
});
