import { expect } from 'chai';
import { errorKinds } from '../../../src/errors.js';
import { defaultActions as actions } from '../../../src/http/api/actions.js';
import { html, renderText } from '../../../src/http/pages/html.js';
import { routes } from '../../../src/http/routes.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';

describe('the instructions', () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ waitRoute: true });
  });
  after(() => app.close());

  async function get(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(app.url + path);
    expect(response.headers.get('content-type')).to.equal('text/html; charset=utf-8');
    return { status: response.status, text: await response.text() };
  }

  it('list the other routes', async () => {
    const { text } = await get('/api/v1/web');
    for (const { path, description } of Object.values(routes)) {
      expect(text).to.include(
        `<tr><td><a href="${path}">${path}</a></td><td>${renderText(description).text}</td></tr>`,
      );
    }
    expect(text).to.include('href="/total"');
    const without = await startApp({});
    expect(await (await fetch(`${without.url}/api/v1/web`)).text()).to.not.include('/wait');
    await without.close();
  });

  it('describe every action, field and error, with working commands', async () => {
    const { text } = await get('/api/v1/web');
    for (const [name, { summary, fields, example }] of Object.entries(actions)) {
      expect(text).to.include(`<h2>${name}</h2>\n<p>${renderText(summary).text}</p>`);
      for (const [field, { expected, description }] of Object.entries(fields)) {
        expect(text).to.include(`<code>${field}</code></td><td>${renderText(expected).text}</td>`);
        expect(text).to.include(`<td>${renderText(description).text}</td>`);
      }
      const request = html`${JSON.stringify(example.request)}`.text;
      expect(text).to.include(
        `curl -H &#39;Content-Type: application/json&#39; -d &#39;${request}&#39; &#39;${app.url}/api/v1/json&#39;`,
      );
      expect(text).to.include(html`${JSON.stringify(example.answer, undefined, 2)}`.text);
    }
    for (const [code, { status, when }] of Object.entries(errorKinds)) {
      const row = `<td>${status}</td><td><code>${code}</code></td><td>${renderText(when).text}</td>`;
      expect(text).to.include(`<tr id="${code}">${row}</tr>`);
    }
  });

  it('use the Host header in commands, not X-Forwarded-Host', async () => {
    const behind = await startApp({ trustProxy: 1 });
    const headers = { 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'https' };
    const text = await (await fetch(`${behind.url}/api/v1/web`, { headers })).text();
    expect(text).to.include(`https://127.0.0.1:${behind.port}/api/v1/json`).and.not.include('evil.example');
    await behind.close();
  });
});
