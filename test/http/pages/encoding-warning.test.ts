import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { encode } from 'iconv-lite';
import type { Dictionary } from '../../../src/search/engine.js';
import { useFixtureApp } from '../../helpers/use-app.js';

const GERMAN = 'Wer immer strebend sich bemüht, den können wir erlösen. <love>\n'.repeat(20);
const ADVICE = 'rename it to faust.txt.latin1, or convert it with <code>iconv -f latin1 -t utf8</code>';

describe('warnings about encodings', () => {
  const suite = useFixtureApp();
  before(async () => {
    const write = (path: string, bytes: Uint8Array) => writeFile(join(suite.dictionaries, path), bytes);
    await mkdir(join(suite.dictionaries, 'shelf'));
    await write('faust.txt', Buffer.from(GERMAN, 'latin1'));
    await write('good.txt.latin1', Buffer.from(GERMAN, 'latin1'));
    await write('shelf/faust.txt', Buffer.from(GERMAN, 'latin1'));
    await write('shelf/a <b>.txt', encode(GERMAN, 'utf-16be'));
    await write('shelf/good.txt', encode(GERMAN, 'utf-16be', { addBOM: true }));
  });

  async function get(path: string): Promise<string> {
    const response = await fetch(suite.url + path, { headers: { Accept: 'text/html' } });
    expect(response.status).to.equal(200);
    return response.text();
  }
  /** How often a page gives the advice about `faust.txt`. */
  const advicesIn = (page: string) => page.split(ADVICE).length - 1;

  it('are in the list of the API, with the encodings', async () => {
    const response = await fetch(`${suite.url}/api/v1/dictionaries`);
    const { dictionaries } = (await response.json()) as { dictionaries: Dictionary[] };
    const of = (name: string) => {
      const { encoding, warning } = dictionaries.find((each) => each.name === name) as Dictionary;
      return { encoding, warning };
    };
    expect(of('plain.txt')).to.deep.equal({ encoding: 'utf-8', warning: undefined });
    expect(of('good.txt.latin1')).to.deep.equal({ encoding: 'latin1', warning: undefined });
    expect(of('faust.txt').encoding).to.equal(null);
    expect(of('faust.txt').warning).to.match(/^looks like Latin-1: accented letters won't match; /);
    expect(of('shelf').encoding).to.equal('mixed');
    expect(of('shelf').warning).to.match(/^has 2 files that aren't in UTF-8: /);
  });

  it('are beside the texts in the lists, and escaped', async () => {
    expect(advicesIn(await get('/d'))).to.equal(1);
    const shelf = await get('/d/shelf');
    expect(advicesIn(shelf)).to.equal(1);
    expect(shelf).to.include('without a byte order mark').and.include('a &lt;b&gt;.txt.utf-16be');
    expect(shelf).to.not.include('a <b>');
  });

  it('are on the page of the text', async () => {
    expect(advicesIn(await get('/d/faust.txt'))).to.equal(1);
    expect(advicesIn(await get('/d/shelf/faust.txt'))).to.equal(1);
    const good = await get('/d/good.txt');
    expect(good).to.include('strebend sich bemüht').and.not.include('class="warning"');
    expect(await get('/d/shelf/good.txt'))
      .to.include('strebend sich bemüht')
      .and.not.include('class="warning"');
  });

  it('come with the results of a search in the text, and with those of none', async () => {
    for (const term of ['immer', 'bemüht']) {
      for (const [dictionary, count] of [
        ['faust.txt', 1],
        ['shelf', 0],
        ['shelf/faust.txt', 1],
        ['good.txt', 0],
        ['plain.txt', 0],
      ] as const) {
        const page = await get(`/?${new URLSearchParams({ term, dictionary })}`);
        expect(advicesIn(page), `${term} in ${dictionary}`).to.equal(count);
      }
    }
    expect(await get('/?term=immer&dictionary=shelf')).to.include('<b>shelf</b> has 2 files that aren&#39;t in UTF-8');
    expect(await get('/?term=immer&dictionary=shelf/good.txt')).to.not.include('class="warning"');
  });

  it('are not needed for a declared text, which may be named without its suffix', async () => {
    const answer = (dictionary: string) =>
      suite.app.post({ action: 'count', term: 'bemüht', dictionary }).then((response) => response.json());
    expect(await answer('good.txt')).to.have.property('nr of entries', 20);
    expect(await answer('good.txt.latin1')).to.have.property('nr of entries', 20);
    expect(await answer('shelf')).to.have.property('nr of entries', 20);
    expect(await answer('faust.txt')).to.have.property('nr of entries', 0);
  });
});
