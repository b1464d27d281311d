// What a limited key may do.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { ApiKeys, createApiKey } from '../../src/auth/api-keys.js';
import { createRateLimits } from '../../src/runtime/rate-limit/rate-limits.js';
import { postMcp, toolCall } from '../helpers/mcp.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';
import { startUploadApp, type UploadApp, type UploadAppOptions } from '../helpers/upload-app.js';

describe('a limited key', () => {
  let folder: TempFolder;
  let app: UploadApp;
  let clock: SinonFakeTimers | undefined;
  const { key, line } = createApiKey('reader');
  const other = createApiKey('other');
  const headers = { Authorization: `Bearer ${key}` };
  const keyFile = () => join(folder.path, 'keys');

  async function start(limits: string, options: UploadAppOptions = {}, otherLimits = '') {
    folder = await tempFolder();
    await writeFile(keyFile(), `${line} ${limits}\n${other.line} ${otherLimits}\n`);
    app = await startUploadApp({ keys: new ApiKeys(keyFile(), pino({ level: 'silent' })), ...options });
  }
  afterEach(async () => {
    clock?.restore();
    clock = undefined;
    await app.close();
    await folder.remove();
  });

  const get = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(app.url + path, {
      redirect: 'manual',
      ...init,
      headers: { ...headers, ...init.headers },
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const post = async (body: object, own = headers) => {
    const response = await app.post(body, own);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

  const requests = {
    search: { action: 'search', term: 'love', dictionary: 'old.txt' },
    count: { action: 'count', term: 'love', dictionary: 'old.txt' },
    frequencies: { action: 'frequencies', term: 'love', dictionary: 'old.txt' },
    all: { action: 'all', dictionary: 'old.txt' },
    list: { action: 'list' },
  };

  for (const allowed of ['search', 'list']) {
    it(`allows ${allowed} and no other action by POST and GET`, async () => {
      await start(`action=${allowed}`);
      const check = async (action: string, sent: ReturnType<typeof get>) => {
        const { status, text } = await sent;
        expect(status, `${action} ${text}`).to.equal(action === allowed ? 200 : 403);
        if (status === 403)
          expect(text).to.include(`This API key doesn't allow \\"${action}\\". It allows: ${allowed}.`);
      };
      const checks = Object.entries(requests).flatMap(([action, request]) => [
        check(action, post(request)),
        ...(action === 'list' ? [] : [check(action, get(`/api/v1/search?${new URLSearchParams(request)}`))]),
      ]);
      await Promise.all(checks);
    });
  }

  it('needs the action of each tool of MCP', async () => {
    const calls = {
      search: { tool: 'search', term: 'love', dictionary: 'old.txt' },
      count: { tool: 'count', term: 'love', dictionary: 'old.txt' },
      all: { tool: 'read', file: 'old.txt' },
      list: { tool: 'list_files', dictionary: 'old.txt' },
      none: { tool: 'list_dictionaries' },
    };
    await start('action=count');
    for (const [action, { tool, ...input }] of Object.entries(calls)) {
      const response = await postMcp(app.url, toolCall(tool, input), headers);
      const { result } = (await response.json()) as { result: { isError?: boolean; content: [{ text: string }] } };
      const isAllowed = action === 'count' || action === 'none';
      expect(result.isError === true, tool).to.equal(!isAllowed);
      const message = `This API key doesn't allow "${action}". It allows: count.`;
      if (!isAllowed) expect(result.content[0].text).to.equal(message);
    }
  });

  it('needs the action of each page', async () => {
    await start('action=list');
    const pages: Record<string, number> = {
      '/': 200,
      '/d': 200,
      '/d/folder': 200,
      '/api/v1/dictionaries': 200,
      '/d/old.txt': 403,
      '/?term=love&dictionary=old.txt': 403,
      '/?term=love&dictionary=old.txt&view=kwic': 403,
      '/?term=love&dictionary=old.txt&view=count': 403,
      '/?term=love&dictionary=old.txt&view=frequencies': 403,
      '/?order=random&dictionary=old.txt': 403,
      '/random': 403,
    };
    for (const [path, status] of Object.entries(pages)) {
      const page = await get(path, { headers: { Accept: 'text/html' } });
      expect(page.status, path).to.equal(status);
      // Not even as an example.
      expect(page.text, path).to.not.include('old love');
      if (path === '/') expect(page.text).to.not.include('<h2>Examples</h2>');
      if (status === 403) expect(page.text, path).to.include('This API key doesn');
    }
  });

  it('marks no matches in a text, and suggests no variants, unless it may search', async () => {
    await start('action=all,count');
    const page = await get('/d/old.txt?term=love', { headers: { Accept: 'text/html' } });
    expect([page.status, page.text.includes('<mark>')]).to.deep.equal([200, false]);
    const variants = await get('/?term=LOVE&view=count&dictionary=old.txt', { headers: { Accept: 'text/html' } });
    expect([variants.status, variants.text.includes('ignore_case=true')]).to.deep.equal([200, false]);
  });

  it("may add, replace and remove the texts that it may see, and doesn't learn of others", async () => {
    await start('dictionary=new-*,folder');
    const put = (name: string) => get(`/api/v1/texts/${name}?replace=true`, { method: 'PUT', body: 'x' });
    expect((await put('new-a.txt')).status).to.equal(201);
    expect((await put('new-a.txt')).status).to.equal(200);
    expect((await put('folder/b.txt')).status).to.equal(201);
    expect((await get('/api/v1/texts/new-a.txt', { method: 'DELETE' })).status).to.equal(204);
    const only = 'This API key only allows uploads of dictionaries named \\"folder\\" or \\"new-*\\".';
    const paths = app.paths();
    for (const method of ['PUT', 'DELETE']) {
      for (const name of ['old.txt', 'absent.txt', 'absent/a.txt']) {
        const { status, text } = await get(`/api/v1/texts/${name}`, { method, ...(method === 'PUT' && { body: 'x' }) });
        expect([status, text.includes(only)], `${method} ${name} ${text}`).to.deep.equal([403, true]);
      }
    }
    for (const fields of [{ remove: 'old.txt' }, { file: new File(['x'], 'old.txt') }]) {
      const body = new FormData();
      body.append('replace', 'true');
      for (const [name, value] of Object.entries(fields)) body.append(name, value);
      expect((await get('/d', { method: 'POST', body })).status).to.equal(403);
    }
    expect(app.paths()).to.deep.equal(paths);
  });

  it('may add a text whatever suffixes hidden ones have, and learns of none', async () => {
    await start('dictionary=a.txt,b.txt,c.txt.gz,c.txt');
    for (const name of ['a.txt.gz', 'b.txt.latin1', 'c.txt.gz'])
      await writeFile(join(app.dictionaries, name), 'hidden or not');
    const put = (name: string) => get(`/api/v1/texts/${name}`, { method: 'PUT', body: 'x' });
    expect((await put('a.txt')).status).to.equal(201);
    expect((await put('c.txt')).status).to.equal(409);
    const body = new FormData();
    body.append('file', new File(['x'], 'b.txt'));
    expect((await get('/d', { method: 'POST', body })).status).to.equal(303);
  });

  it('changes no text without the action "upload"', async () => {
    await start('action=search,all');
    const paths = app.paths();
    expect((await get('/api/v1/texts/new.txt', { method: 'PUT', body: 'x' })).status).to.equal(403);
    expect((await get('/api/v1/texts/old.txt', { method: 'DELETE' })).status).to.equal(403);
    const body = new FormData();
    body.append('remove', 'old.txt');
    expect((await get('/d', { method: 'POST', body })).status).to.equal(403);
    expect(app.paths()).to.deep.equal(paths);
  });

  it('is rejected once it has expired, also on a page, with its own message and a challenge', async () => {
    clock = useFakeTimers({ now: Date.parse('2027-01-31T23:59:59Z'), toFake: ['Date'] });
    await start('expires=2027-01-31');
    expect((await post(requests.search)).status).to.equal(200);
    clock.tick(1_000);
    for (const answer of [await post(requests.search), await get('/d', { headers: { Accept: 'text/html' } })]) {
      expect(answer.status).to.equal(401);
      expect(answer.text).to.include('The API key expired at the end of 2027-01-31 (UTC).');
      expect(answer.headers.get('www-authenticate')).to.include('Bearer');
    }
    expect((await get('/healthz')).status).to.equal(200);
    expect((await app.post(requests.search, { Authorization: `Bearer ${other.key}` })).status).to.equal(200);
  });

  it('has its own rate, with or without RATE_LIMIT', async () => {
    for (const rate of [undefined, { maxRequests: 1, windowMs: 60_000 }]) {
      const limits = createRateLimits({ directory: undefined });
      await start('rate=2/h', { limit: { rate, ...limits } });
      const answers = [await post(requests.search), await post(requests.search), await post(requests.search)];
      expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 429]);
      expect(answers.map(({ headers }) => headers.get('ratelimit-policy'))).to.deep.equal(Array(3).fill('2;w=3600'));
      expect(answers[2]?.text).to.include('The limit is 2 requests in 3600 s.');
      const others = await post(requests.search, { Authorization: `Bearer ${other.key}` });
      expect(others.headers.get('ratelimit-policy')).to.equal(rate === undefined ? null : '1;w=60');
      await limits.close();
      if (rate !== undefined) break;
      await app.close();
      await folder.remove();
    }
  });

  it('gets a default dictionary that it may see', async () => {
    await start('dictionary=old*', {}, 'dictionary=nothing');
    await rm(join(app.dictionaries, 'folder'), { recursive: true });
    const request = { action: 'all', format: 'object' };
    expect((await post(request)).text).to.include('"file":"old.txt"');
    const none = { Authorization: `Bearer ${other.key}` };
    expect(await post(request, none)).to.deep.include({ status: 404 });
    const list = JSON.parse((await get('/api/v1/dictionaries', { headers: none })).text) as object;
    expect(list).to.deep.include({ dictionaries: [] }).and.not.have.property('default');
    expect((await get('/', { headers: { ...none, Accept: 'text/html' } })).text).to.include('There are no texts');
  });
});
