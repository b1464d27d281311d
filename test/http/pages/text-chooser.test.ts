// The choice of texts on the search page, and the results of several texts.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openEngine } from '../../../src/search/open-engine.js';
import { engineOptions } from '../../helpers/queries.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

describe('the choice of texts', () => {
  let folder: TempFolder;
  let app: RunningApp;
  async function open(texts: Record<string, string>): Promise<void> {
    folder = await tempFolder();
    for (const [path, text] of Object.entries(texts)) {
      mkdirSync(join(folder.path, path, '..'), { recursive: true });
      writeFileSync(join(folder.path, path), text);
    }
    app = await startApp({ engine: await openEngine(engineOptions({ dictionariesDir: folder.path })) });
  }
  afterEach(async () => {
    await app.close();
    await folder.remove();
  });

  const get = async (path: string) => (await fetch(app.url + path)).text();
  const boxes = (text: string) =>
    [...text.matchAll(/<input type="checkbox" name="dictionary" value="([^"]*)"( checked)?>/g)].map(
      ([, name, checked]) => `${name}${checked === undefined ? '' : ' (chosen)'}`,
    );
  const options = (text: string) =>
    [...text.matchAll(/<option value="([^"]*)" dir="auto"( selected)?>/g)].map(
      ([, name, selected]) => `${name}${selected === undefined ? '' : ' (chosen)'}`,
    );
  const manyTexts = Object.fromEntries(
    Array.from({ length: 40 }, (_, number) => [`text-${String(number).padStart(2, '0')}.txt`, 'love\n']),
  );

  it('is a list of options that begins with all texts', async () => {
    await open({ 'a.txt': 'love\n', 'b/1.txt': 'love\n' });
    expect(options(await get('/'))).to.deep.equal(['* (chosen)', 'a.txt', 'b']);
    expect(options(await get('/?term=love&dictionary=b'))).to.deep.equal(['*', 'a.txt', 'b (chosen)']);
    expect(options(await get('/?term=love&dictionary=b/1.txt'))).to.deep.equal(['*', 'b/1.txt (chosen)', 'a.txt', 'b']);
  });

  it('selects the default dictionary if a search names none', async () => {
    await open({ 'a.txt': 'love\n', 'b.txt': 'love\n' });
    expect(options(await get('/?term=love'))).to.deep.equal(['*', 'a.txt (chosen)', 'b.txt']);
  });

  it('selects the only text', async () => {
    await open({ 'a.txt': 'love\n' });
    expect(options(await get('/'))).to.deep.equal(['a.txt (chosen)']);
  });

  it('is a list of checkboxes if several texts are chosen', async () => {
    await open({ 'a.txt': 'love\n', 'b.txt': 'love\n', 'c.txt': 'love\n' });
    const text = await get('/?term=love&dictionary=c.txt&dictionary=a.txt');
    expect(boxes(text)).to.deep.equal(['*', 'a.txt (chosen)', 'c.txt (chosen)', 'b.txt']);
    expect(text).to.include('<b dir="auto">2 texts</b>').and.include('<details id="texts">');
  });

  it('links from the options to the checkboxes, and keeps the query', async () => {
    await open({ 'a.txt': 'love\n', 'b.txt': 'love\n' });
    const [, address = ''] = /<a class="several" href="([^"]*)"/.exec(await get('/?term=love&dictionary=b.txt')) ?? [];
    const text = await get(address.replaceAll('&amp;', '&'));
    expect(boxes(text)).to.deep.equal(['*', 'b.txt (chosen)', 'a.txt']);
    expect(text).to.include('<details id="texts" open>').and.include('value="love"');
  });

  it('lists the first of many texts, and filters the others without scripts', async () => {
    await open(manyTexts);
    const text = await get('/?term=love&dictionary=text-39.txt');
    expect(boxes(text)).to.have.length(32);
    expect(boxes(text).slice(0, 3)).to.deep.equal(['*', 'text-39.txt (chosen)', 'text-00.txt']);
    expect(text).to.include('9 more: use the filter.');
    const filtered = await get('/?term=love&dictionary=text-39.txt&texts=T-2');
    expect(boxes(filtered)).to.have.length(12);
    expect(boxes(filtered).slice(0, 3)).to.deep.equal(['*', 'text-39.txt (chosen)', 'text-20.txt']);
    expect(await get('/?texts=nope')).to.include('No other text matches.');
  });

  it('escapes names', async () => {
    await open({ '<i>"&.txt': 'love\n', 'b.txt': 'love\n' });
    expect(await get('/?texts=*'))
      .to.include('value="&lt;i&gt;&quot;&amp;.txt"')
      .and.not.include('<i>');
  });

  it('groups the results of several texts, with counts and links to each', async () => {
    await open({ 'a.txt': 'love\nlove\n', 'b/1.txt': 'love\n', 'b/2.txt': 'love\n', 'c.txt': 'hate\n' });
    const text = await get('/?term=love&dictionary=*');
    expect(text).to.include('<b>4</b> lines of <b dir="auto">all texts</b>');
    expect(text).to.include('<li><a href="/?term=love&amp;dictionary=a.txt"><bdi>a.txt</bdi></a> 2</li>');
    expect(text).to.include('<li><a href="/?term=love&amp;dictionary=b"><bdi>b</bdi></a> 2</li>');
    expect(text).to.match(
      /<h2 class="text"><a href="\/d\/b"><bdi>b<\/bdi><\/a> <span>2 lines<\/span><\/h2>\s*<ol class="entries" start="3">/,
    );
    expect(text).to.include('<bdi>2.txt</bdi>, line 1</a>');
    const some = await get('/?term=love&dictionary=b&dictionary=c.txt');
    expect(some).to.include('<b>2</b> lines of <b dir="auto">2 texts</b>');
  });

  it('links to the thirty texts with the most results', async () => {
    await open({ ...manyTexts, 'text-35.txt': 'love\nlove\n' });
    const text = await get('/?term=love&dictionary=*');
    const [, list = ''] = /<ul class="by-text"[^>]*>(.*?)<\/ul>/s.exec(text) ?? [];
    const texts = [...list.matchAll(/<bdi>([^<]*)<\/bdi>/g)].map(([, name]) => name);
    expect(texts).to.have.length(30);
    expect(texts.slice(0, 2)).to.deep.equal(['text-35.txt', 'text-00.txt']);
    expect(list).to.include('and 10 more texts');
  });

  it('is kept by paging, views, downloads, the curl command and random quotes', async () => {
    await open({ 'a.txt': 'love\nlove\n', 'b.txt': 'love\n', 'c.txt': 'love\n' });
    const text = await get('/?term=love&dictionary=a.txt&dictionary=b.txt&nresults=1');
    const both = 'dictionary=a.txt&amp;dictionary=b.txt';
    expect(text).to.match(new RegExp(`rel="next" href="/\\?[^"]*${both}`));
    expect(text).to.match(new RegExp(`href="/\\?[^"]*${both}[^"]*view=kwic"`));
    expect(text).to.match(new RegExp(`href="/api/v1/search\\?[^"]*${both}[^"]*download=csv"`));
    expect(text).to.include('&quot;dictionary&quot;:[&quot;a.txt&quot;,&quot;b.txt&quot;]');
    expect(text).to.include(`id="random" href="/random?${both}"`);
    const { url } = await fetch(`${app.url}/random?dictionary=a.txt&dictionary=b.txt`);
    expect(new URL(url).searchParams.getAll('dictionary')).to.deep.equal(['a.txt', 'b.txt']);
  });
});
