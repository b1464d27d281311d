import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { request } from 'undici';
import { useFixtureApp } from '../../helpers/use-app.js';

/** A browser's Accept header. */
const BROWSER = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

describe('the text pages', () => {
  const suite = useFixtureApp();
  before(async () => {
    const lines = Array.from({ length: 1_000 }, (_, at) => `line ${at + 1}\n`).join('');
    await writeFile(join(suite.dictionaries, 'long.txt'), lines);
    await writeFile(join(suite.dictionaries, 'long-packed.txt.gz'), gzipSync(lines));
  });

  async function get(path: string) {
    const response = await fetch(suite.url + path, { headers: BROWSER });
    expect(response.headers.get('content-type')).to.equal('text/html; charset=utf-8');
    const text = await response.text();
    const lines = [
      ...text.matchAll(/<li id="L(\d+)"( aria-current="true"[^>]*)?>.*?<span dir="auto">(.*?)<\/span><\/li>/gs),
    ];
    const links = Object.fromEntries(
      [...text.matchAll(/<a rel="\w+" href="([^"]*)">(.*?)<\/a>/g)].map(([, to, label]) => [label, to]),
    );
    return {
      status: response.status,
      text,
      /** The numbers of the first, the last and the requested line. */
      shown: [lines[0]?.[1], lines.at(-1)?.[1], lines.find(([, , current]) => current !== undefined)?.[1]].map(Number),
      lines: lines.map(([, , , line = '']) => line.replace(/<[^>]*>/g, '')),
      links,
    };
  }

  it('list the dictionaries, and the files of a folder', async () => {
    const { status, text } = await get('/d');
    expect(status).to.equal(200);
    expect(text).to.include('<a href="/d/gr%C3%BCn%20und%20blau.txt" dir="auto">grün und blau.txt</a>');
    expect(text).to.include('<a href="/d/folder" dir="auto">folder</a></td><td>4<');
    const folder = (await get('/d/folder')).text;
    expect(folder).to.include('<a href="/d/folder/a/z.txt" dir="auto">a/z.txt</a></td><td>11 bytes</td>');
    expect(folder).to.not.include('.hidden').and.not.include('SOURCES');
    expect((await get('/d/folder/a')).text).to.include('<a href="/d/folder/a/z.txt" dir="auto">z.txt</a>');
  });

  for (const name of ['long.txt', 'long-packed.txt', 'long-packed.txt.gz']) {
    it(`show the lines around a line: ${name}`, async () => {
      const { status, shown, lines, links } = await get(`/d/${name}?line=500`);
      expect(status).to.equal(200);
      expect(shown).to.deep.equal([488, 547, 500]);
      expect(lines[12]).to.equal('line 500');
      const next = await get(String(links['Next lines']));
      expect(next.shown.slice(0, 2)).to.deep.equal([548, 607]);
      expect((await get(String(next.links['Previous lines']))).shown.slice(0, 2)).to.deep.equal([488, 547]);
    });
  }

  it('page from the first line to the last and back', async () => {
    const seen: number[] = [];
    let path: string | undefined = '/d/long.txt';
    while (path !== undefined) {
      const { shown, links } = await get(path);
      seen.push(shown[0] as number, shown[1] as number);
      path = links['Next lines'];
    }
    expect(seen.slice(0, 4)).to.deep.equal([1, 60, 61, 120]);
    expect(seen.slice(-2)).to.deep.equal([961, 1_000]);
    const { shown, links } = await get('/d/long.txt?from=30');
    expect(shown.slice(0, 2)).to.deep.equal([30, 89]);
    expect(links['Previous lines']).to.equal('/d/long.txt?from=1');
  });

  it('show the last page for a line beyond the end', async () => {
    const { status, shown, text, links } = await get('/d/long.txt?line=5000000000');
    expect(status).to.equal(200);
    expect(shown.slice(0, 2)).to.deep.equal([941, 1_000]);
    expect(text).to.include('there is no line 5,000,000,000');
    expect(links).to.not.have.property('Next lines');
    expect((await get('/d/plain.txt?line=9')).shown).to.deep.equal([1, 9, 9]);
    const empty = await get('/d/empty.txt?line=1');
    expect(empty.status).to.equal(200);
    expect(empty.lines).to.deep.equal([]);
  });

  it('link the files of a folder in search order', async () => {
    const files: string[] = [];
    let path: string | undefined = '/d/folder/a.txt';
    while (path !== undefined && files.length < 10) {
      files.push(path);
      path = (await get(path)).links['Next text'];
    }
    expect(files).to.deep.equal(['/d/folder/a.txt', '/d/folder/a/z.txt', '/d/folder/b.txt', '/d/folder/link-in.txt']);
    expect((await get('/d/folder/b.txt')).links['Previous text']).to.equal('/d/folder/a/z.txt');
    expect((await get('/d/plain.txt')).links).to.deep.equal({});
  });

  it('accept a path with its dictionary repeated in front', async () => {
    for (const [path, target] of [
      ['/d/folder/folder/b.txt?line=2', '/d/folder/b.txt?line=2#L2'],
      ['/d/plain.txt/plain.txt?line=2', '/d/plain.txt?line=2#L2'],
      ['/d/plain.txt/plain.txt?from=2', '/d/plain.txt?from=2'],
    ]) {
      const { statusCode, headers, body } = await request(suite.url + path);
      await body.dump();
      expect(statusCode).to.equal(302);
      expect(headers.location).to.equal(target);
    }
  });

  it('escape the text, and truncate long lines', async () => {
    const name = '<i>&.txt';
    await writeFile(join(suite.dictionaries, name), `<script>alert(1)</script>\n${'é'.repeat(20_000)}\n`);
    const { text, lines } = await get(`/d/${encodeURIComponent(name)}`);
    expect(lines).to.deep.equal(['&lt;script&gt;alert(1)&lt;/script&gt;', `${'é'.repeat(10_000)}…`]);
    expect(text).to.not.include('<script>').and.not.include('<i>');
    await rm(join(suite.dictionaries, name));
  });

  it('page through a long line', async () => {
    const parts = ['a', 'b', 'c'].map((letter) => letter.repeat(10_000));
    await writeFile(join(suite.dictionaries, 'wide.txt'), `one\n${parts.join('')}needle\n`);
    const seen: string[] = [];
    let path: string | undefined = '/d/wide.txt?line=2';
    while (path !== undefined) {
      const { text, lines } = await get(path);
      seen.push(lines[1] as string);
      [, path] = /<a href="([^"#]*)#L2" aria-label="The part after">/.exec(text.replaceAll('&amp;', '&')) ?? [];
    }
    expect(seen).to.deep.equal([`${parts[0]}…`, `…${parts[1]}…`, `…${parts[2]}…`, '…needle']);
    const last = await get('/d/wide.txt?line=2&at=30000');
    expect(last.text).to.include('href="/d/wide.txt?line=2&amp;at=20000#L2" aria-label="The part before"');
    expect((await get('/d/wide.txt?line=2&at=99999999')).lines[1]).to.equal(`${parts[0]}…`);
    // The link of a match leads to the part that contains it.
    const found = await (await fetch(`${suite.url}/?term=needle&dictionary=wide.txt`)).text();
    const [, address = ''] = /<p class="location"><a href="([^"#]*)/.exec(found.replaceAll('&amp;', '&')) ?? [];
    expect((await get(address)).lines[1]).to.include('needle');
    await rm(join(suite.dictionaries, 'wide.txt'));
  });

  it('work if another file of the folder is not readable', async () => {
    await writeFile(join(suite.dictionaries, 'folder', 'c.txt.gz'), 'not packed');
    try {
      const { status, lines, links } = await get('/d/folder/b.txt');
      expect(status).to.equal(200);
      expect(lines).to.deep.equal(['b1', 'b2 love']);
      expect(links['Next text']).to.equal('/d/folder/c.txt.gz');
      expect((await get('/d/folder')).status).to.equal(200);
      expect((await get('/d/folder/c.txt.gz')).status).to.equal(503);
    } finally {
      await rm(join(suite.dictionaries, 'folder', 'c.txt.gz'));
    }
  });

  it('omit the links to neighbors if the folder is not listable', async () => {
    await mkdir(join(suite.dictionaries, 'unlisted'));
    for (const name of ['a.txt', 'b.txt', 'c.txt']) await writeFile(join(suite.dictionaries, 'unlisted', name), 'text');
    // Not 0711, which root could still list.
    await chmod(join(suite.dictionaries, 'unlisted'), 0o311);
    try {
      expect((await get('/d/unlisted')).status).to.equal(403);
      const { status, lines, links } = await get('/d/unlisted/b.txt');
      expect(status).to.equal(200);
      expect(lines).to.deep.equal(['text']);
      expect(links).to.deep.equal({});
    } finally {
      await chmod(join(suite.dictionaries, 'unlisted'), 0o755);
      await rm(join(suite.dictionaries, 'unlisted'), { recursive: true });
    }
  });

  it('list the files of a large folder in pages', async () => {
    const names = Array.from({ length: 1_201 }, (_, at) => `${at + 1_000}.txt`);
    await mkdir(join(suite.dictionaries, 'large'));
    await Promise.all(names.map((name) => writeFile(join(suite.dictionaries, 'large', name), '')));
    const seen: (string | undefined)[] = [];
    const sizes: number[] = [];
    let path: string | undefined = '/d/large';
    while (path !== undefined) {
      const { text, links } = await get(path);
      const found = [...text.matchAll(/<td><a href="\/d\/large\/([^"]*)" dir="auto">/g)].map(([, name]) => name);
      seen.push(...found);
      sizes.push(found.length);
      path = links['Next texts'];
    }
    expect(seen).to.deep.equal(names);
    expect(sizes).to.deep.equal([500, 500, 201]);
    expect((await get('/d/large?from=501')).links['Previous texts']).to.equal('/d/large?from=1');
    await rm(join(suite.dictionaries, 'large'), { recursive: true });
  });

  for (const [path, status, problem] of [
    ['/d/nope', 404, 'There is no dictionary named &quot;nope&quot;.'],
    ['/d/nope/nope/x', 404, 'There is no dictionary named'],
    ['/d/shut.txt', 403, 'The dictionary &quot;shut.txt&quot; is not readable.'],
    ['/d/plain.txt?line=0', 400, '&quot;line&quot; must be an integer, 1 or more, got 0.'],
    ['/d/plain.txt?line=x', 400, '&quot;line&quot; must be'],
    ['/d/plain.txt?from=1.5', 400, '&quot;from&quot; must be'],
    ['/d/..%2Foutside%2Fsecret.txt', 404, 'There is no dictionary named'],
    ['/d/link-out', 404, 'There is no dictionary named'],
    ['/d/.hidden.txt', 404, 'There is no dictionary named'],
  ] as const) {
    it(`report errors as a page, or as JSON for programs: ${path}`, async () => {
      const page = await get(path);
      expect(page.status).to.equal(status);
      expect(page.text).to.include('role="alert"').and.include(problem);
      const response = await fetch(suite.url + path);
      expect(response.status).to.equal(status);
      expect(await response.json())
        .to.have.keys('Code', 'message')
        .and.include({ Code: status });
    });
  }
});
