import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { AppError, errorKinds } from '../../src/errors.js';
import { defaultActions as actions } from '../../src/http/actions.js';
import { html, renderText } from '../../src/http/html.js';
import { routes } from '../../src/http/routes.js';
import { openEngine } from '../../src/search/open-engine.js';
import { type Fixtures, makeFixtures } from '../helpers/fixtures.js';
import { engineOptions } from '../helpers/queries.js';
import { type RunningApp, startApp } from '../helpers/start-app.js';
import { stubEngine } from '../helpers/stub-engine.js';

describe('html', () => {
  it('escapes text and keeps Html, in arrays too', () => {
    const bold = html`<b>${'<i>'}</b>`;
    expect(html`<p title="${'"\'&'}">${bold}${['<', bold]}${5}</p>`.text).to.equal(
      '<p title="&quot;&#39;&amp;"><b>&lt;i&gt;</b>&lt;<b>&lt;i&gt;</b>5</p>',
    );
  });
});

describe('renderText', () => {
  it('takes what is between backticks for code, and all of it for text', () => {
    expect(renderText('a < b: `x & y`.').text).to.equal('a &lt; b: <code>x &amp; y</code>.');
  });
});

describe('the pages', () => {
  let fixtures: Fixtures;
  let app: RunningApp;
  before(async () => {
    fixtures = await makeFixtures();
    const engine = await openEngine(
      engineOptions({ dictionariesDir: fixtures.dictionaries, defaultDictionary: 'plain.txt' }),
    );
    app = await startApp({ engine });
  });
  after(async () => {
    await app.close();
    await fixtures.remove();
  });

  async function get(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(app.url + path);
    expect(response.headers.get('content-type')).to.equal('text/html; charset=utf-8');
    return { status: response.status, text: await response.text() };
  }

  it('has a form with the dictionaries, the default one chosen', async () => {
    const { status, text } = await get('/');
    expect(status).to.equal(200);
    expect(text).to.include('<option selected>plain.txt</option>').and.include('<option>grün und blau.txt</option>');
    expect(text).to.not.include('role="status"');
  });

  it('shows what was found, and keeps what was asked', async () => {
    const { status, text } = await get('/?term=love&dictionary=folder&n_before=1&n_after=0');
    expect(status).to.equal(200);
    expect(text).to.include('7 entries:').and.include('<pre>a1\na2 love</pre>');
    expect(text).to.include('value="love"').and.include('<option selected>folder</option>');
  });

  it('says when there is nothing, or more than it shows', async () => {
    expect((await get('/?term=hate')).text).to.include('Nothing found.');
    expect((await get('/?term=two')).text).to.include('1 entry:');
  });

  it('escapes what was asked and what was found', async () => {
    const { text } = await get(`/?term=${encodeURIComponent('"><script>alert(1)</script>')}`);
    expect(text).to.not.include('<script>');
    expect((await get('/?dictionary=hostile.txt&term=quoted')).text).to.include('it&#39;s &quot;quoted&quot;');
  });

  for (const [query, status, problem] of [
    ['term=a&n_before=101', 400, '&quot;n_before&quot; must be an integer from 0 to 100, got 101.'],
    ['term=a&n_before=x', 400, '&quot;n_before&quot; must be an integer from 0 to 100, got &quot;x&quot;.'],
    ['term=a&term=b', 400, '&quot;term&quot; must be a string'],
    ['term=a&dictionary=nope', 404, 'There is no dictionary named &quot;nope&quot;.'],
    ['term=a&dictionary=shut.txt', 403, 'The dictionary &quot;shut.txt&quot; may not be read.'],
  ] as const) {
    it(`says on the page what is wrong with ${query}`, async () => {
      const page = await get(`/?${query}`);
      expect(page.status).to.equal(status);
      expect(page.text).to.include('role="alert"').and.include(problem);
    });
  }

  it('shows the beginning of what is long, and says where an entry was cut', async () => {
    await writeFile(
      join(fixtures.dictionaries, 'long.txt'),
      `love ${'é'.repeat(2_000_000)}\nlove ${'x'.repeat(9_995)}\n`,
    );
    const { text } = await get('/?term=love&dictionary=long.txt');
    expect(text)
      .to.include(`<pre>love ${'é'.repeat(9_995)}…</pre>`)
      .and.include(`<pre>love ${'x'.repeat(9_995)}</pre>`);
    expect(text).to.include('Some entries are longer than they may be, and were cut.');
    expect((await get('/?term=two')).text).to.not.include('class="problem"');
    await rm(join(fixtures.dictionaries, 'long.txt'));
  });

  it('passes over empty and unknown fields', async () => {
    expect((await get('/?term=&dictionary=')).status).to.equal(200);
    expect((await get('/?term=two&n_before=&n_after=&from=mail')).text).to.include('1 entry:');
  });

  it('tells of the other routes', async () => {
    const { text } = await get('/api/v1/web');
    for (const { path, means } of Object.values(routes)) {
      expect(text).to.include(`<tr><td><a href="${path}">${path}</a></td><td>${renderText(means).text}</td></tr>`);
    }
    expect(text).to.include('href="/total"');
  });

  it('instructs on every action, field and error, with a command that works here', async () => {
    const { text } = await get('/api/v1/web');
    for (const [name, { summary, fields, example }] of Object.entries(actions)) {
      expect(text).to.include(`<h2>${name}</h2>\n<p>${renderText(summary).text}</p>`);
      for (const [field, { expects, means }] of Object.entries(fields)) {
        expect(text).to.include(`<code>${field}</code></td><td>${renderText(expects).text}</td>`);
        expect(text).to.include(`<td>${renderText(means).text}</td>`);
      }
      const request = html`${JSON.stringify(example.request)}`.text;
      expect(text).to.include(
        `curl -H &#39;Content-Type: application/json&#39; -d &#39;${request}&#39; &#39;${app.url}/api/v1/json&#39;`,
      );
      expect(text).to.include(html`${JSON.stringify(example.answer, undefined, 2)}`.text);
    }
    for (const { status, when } of Object.values(errorKinds))
      expect(text).to.include(`<td>${status}</td><td>${renderText(when).text}</td>`);
  });
});

describe('the search page, when a search fails', () => {
  it('says why, with the status', async () => {
    const app = await startApp({
      engine: stubEngine(() => {
        throw new AppError('search_timeout', 'The search took longer than 5 ms.');
      }),
    });
    try {
      const response = await fetch(`${app.url}/?term=a`);
      expect(response.status).to.equal(504);
      expect(await response.text()).to.include('The search took longer than 5 ms.');
    } finally {
      await app.close();
    }
  });
});

describe('health and readiness', () => {
  for (const [phase, status] of [
    ['starting', 503],
    ['ready', 200],
    ['draining', 503],
  ] as const) {
    it(`is alive, and ${status === 200 ? '' : 'not '}ready, while ${phase}`, async () => {
      const app = await startApp({ engine: stubEngine(() => expect.fail('no search')), phase: () => phase });
      try {
        expect(await (await fetch(`${app.url}/healthz`)).json()).to.deep.equal({ status: 'alive' });
        const response = await fetch(`${app.url}/readyz`);
        expect(response.status).to.equal(status);
        expect(await response.json()).to.include(status === 200 ? { status: 'ready' } : { Code: 503 });
      } finally {
        await app.close();
      }
    });
  }
});
