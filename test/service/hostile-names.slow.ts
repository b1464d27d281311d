// Files with hostile names, in every input that takes a name and every output that contains one.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { openEngine } from '../../src/search/open-engine.js';
import { engineOptions } from '../helpers/queries.js';
import { type RunningApp, startApp } from '../helpers/start-app.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

const NAMES = [
  'a\nb',
  '\n',
  'a\r\nSet-Cookie: a=b',
  '-e',
  '--help',
  '-rf',
  '--',
  '-',
  'a b',
  ' a',
  'a ',
  '\t',
  '"a"',
  "'a'",
  "'; id; '",
  '`id`',
  '$(id)',
  '$HOME',
  '~',
  '~root',
  '?',
  '[a-z]',
  '{a,b}',
  '!',
  '#a',
  'a#b?c=d',
  'a%2fb',
  '%',
  '%00',
  '%0a',
  'a&b=c',
  'a+b',
  'a;b',
  'a|b',
  'a\\b',
  '\\',
  '\\n',
  'a:b',
  'http:a',
  '<script>alert(1)</script>'.replace('/', ''),
  '"><img src=x onerror=alert(1)>',
  '\x1b[31mred\x1b[0m',
  '\x1b]0;title\x07',
  '\x9b31m',
  '\x7f',
  '\x01',
  '\u202etxt.exe',
  '\u200b',
  '\ufeff',
  'e\u0301',
  '\u00e9',
  '😀',
  '\ufffd',
  'x'.repeat(255),
  '愛'.repeat(85),
  '__proto__',
  'constructor',
  'null',
  'con',
  '0',
  'a..b',
  '...',
].filter((name) => !name.startsWith('.'));

/** Active content on a page. */
const ACTIVE = /<script>alert|<img src=x|(href|src)="javascript:/;

describe('hostile names', function () {
  this.timeout(60_000);
  let folder: TempFolder;
  let app: RunningApp;
  before(async () => {
    folder = await tempFolder();
    await mkdir(join(folder.path, 'folder'));
    for (const [n, name] of NAMES.entries()) {
      await writeFile(join(folder.path, name), `love ${n}\n`);
      await writeFile(join(folder.path, 'folder', name), `love ${n}\n`);
    }
    // Names that aren't UTF-8 can't be requested, and are not part of a dictionary.
    await writeFile(Buffer.concat([Buffer.from(`${folder.path}/`), Buffer.from([0x61, 0xff])]), 'love\n');
    await writeFile(Buffer.concat([Buffer.from(`${folder.path}/folder/`), Buffer.from([0xc3, 0x28])]), 'love\n');
    const engine = await openEngine(engineOptions({ dictionariesDir: folder.path, searchQueue: 1_000 }));
    app = await startApp({ engine });
  });
  after(async () => {
    expect(app.log.filter(({ msg }) => msg === 'bug')).to.deep.equal([]);
    await app.close();
    await folder.remove();
  });

  const decode = (html: string) => html.replaceAll('&#39;', "'").replaceAll('&amp;', '&');
  const compareBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  const sorted = [...NAMES].sort(compareBytes);

  async function send(body: object): Promise<unknown[]> {
    const response = await app.post(body);
    const text = await response.text();
    expect(response.status, text).to.equal(200);
    return (JSON.parse(text) as { results: unknown[] }).results;
  }

  it('are listed as dictionaries, by the action list, and on a page', async () => {
    const response = await fetch(`${app.url}/api/v1/dictionaries`);
    const { dictionaries } = (await response.json()) as { dictionaries: { name: string }[] };
    expect(dictionaries.map(({ name }) => name)).to.deep.equal([...sorted, 'folder'].sort(compareBytes));
    const listed = (await send({ action: 'list', folder: 'folder' })) as string[];
    expect(listed.filter((name) => NAMES.includes(name)).sort(compareBytes)).to.deep.equal(sorted);
    const long = (await send({ action: 'list', folder: 'folder', options: ['-l', '-R'] })) as string[];
    for (const name of NAMES)
      expect(
        long.some((line) => line.endsWith(name)),
        JSON.stringify(name),
      ).to.equal(true);
    const page = await (await fetch(`${app.url}/d`)).text();
    expect(page.match(/<tr><td><a href="\/d\//g)).to.have.length(NAMES.length + 1);
  });

  it('name dictionaries that can be searched in every way', async () => {
    const check = async (name: string, n: number) => {
      for (const dictionary of [name, `folder/${name}`]) {
        for (const fields of [{}, { syntax: 'regex' }, { ignore_case: true }, { unit: 'quote' }]) {
          const results = await send({ action: 'search', term: 'love', dictionary, ...fields });
          expect(results, JSON.stringify(dictionary)).to.deep.equal([`love ${n}`]);
        }
        const objects = (await send({ action: 'search', term: 'love', dictionary, format: 'object' })) as object[];
        expect(objects[0]).to.include({ file: dictionary, line: 1 });
      }
    };
    await Promise.all(NAMES.map(check));
  });

  it('are reported for the files of a folder, in byte order', async () => {
    for (const fields of [{}, { unit: 'quote' }, { syntax: 'regex', term: 'l.ve' }]) {
      const payload = { action: 'search', term: 'love', dictionary: 'folder', format: 'object', ...fields };
      const files = ((await send(payload)) as { file: string }[]).map(({ file }) => file);
      expect(files).to.deep.equal(sorted.map((name) => `folder/${name}`));
    }
  });

  it('can be escaped in filters', async () => {
    for (const name of NAMES) {
      const escaped = name.replace(/[\\*?[\]]/g, '\\$&');
      const listed = (await send({ action: 'list', folder: 'folder', filter: escaped })) as string[];
      expect(listed, JSON.stringify(name)).to.deep.equal([name]);
    }
  });

  it('are escaped on pages, where every link leads to its text', async () => {
    const addresses: string[] = [];
    for (const page of ['/d', '/d/folder', '/?term=love&dictionary=folder&nresults=100']) {
      const html = await (await fetch(app.url + page)).text();
      expect(html, page).to.not.match(ACTIVE);
      for (const [, address = ''] of html.matchAll(/href="(\/d\/[^"]*)"/g))
        addresses.push(decode(address).replace(/#.*/, ''));
    }
    const unique = [...new Set(addresses)].filter((address) => !/\/folder$/.test(address));
    expect(unique.length).to.be.at.least(2 * NAMES.length);
    for (const address of unique) {
      const response = await fetch(app.url + address, { redirect: 'manual' });
      expect(response.status, address).to.equal(200);
      const html = await response.text();
      expect(html, address)
        .to.match(/love(<\/mark>)? \d+/)
        .and.not.match(ACTIVE);
      expect([...response.headers.keys()]).to.not.include('set-cookie');
    }
  });

  it('are escaped in the headers of redirects', async () => {
    for (const name of NAMES) {
      const query = new URLSearchParams({ dictionary: name });
      const random = await fetch(`${app.url}/random?${query}`, { redirect: 'manual' });
      expect(random.status, JSON.stringify(name)).to.equal(303);
      const page = await fetch(new URL(random.headers.get('location') ?? '', app.url));
      expect(page.status).to.equal(200);
      const path = ['folder', 'folder', name].map(encodeURIComponent).join('/');
      const moved = await fetch(`${app.url}/d/${path}?line=1`, { redirect: 'manual' });
      expect([moved.status, moved.headers.has('set-cookie')]).to.deep.equal([302, false]);
      expect((await fetch(new URL(moved.headers.get('location') ?? '', app.url))).status).to.equal(200);
    }
  });

  it('answer 404 if there is no such file', async () => {
    app.log.length = 0;
    for (const name of NAMES) {
      const response = await app.post({ action: 'search', term: 'love', dictionary: `${name}/nope` });
      expect(response.status).to.equal(404);
      expect(await response.json()).to.have.property('Code', 404);
      await (await fetch(`${app.url}/d/${encodeURIComponent(`nope${name}`)}`)).text();
    }
    expect(app.log.filter(({ msg }) => msg === 'request').length).to.be.at.least(NAMES.length);
  });
});
