// Answers as CSV and TSV over HTTP: negotiation, the summary in headers or trailers, and failures.
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { expect } from 'chai';
import { AppError } from '../../../src/errors.js';
import type { EntryObject } from '../../../src/search/engine.js';
import { parseCsv, parseTsv } from '../../helpers/csv.js';
import { texts } from '../../helpers/fixtures.js';
import { rawText } from '../../helpers/raw-http.js';
import { type AppOptions, type RunningApp, startApp } from '../../helpers/start-app.js';
import { stubEngine, untilAborted } from '../../helpers/stub-engine.js';
import { useFixtureApp } from '../../helpers/use-app.js';

const CSV = 'text/csv';
const TSV = 'text/tab-separated-values';

interface Received {
  status: number | undefined;
  headers: IncomingMessage['headers'];
  trailers: IncomingMessage['trailers'];
  text: string;
  /** Whether the response was received as a whole. */
  isComplete: boolean;
}

/** Unlike fetch, returns trailers, and what was received of a response that breaks off. */
function send(url: string, body: object, accept: string, onData = () => {}): Promise<Received> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', Accept: accept };
    const sent = httpRequest(url, { method: 'POST', headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        onData();
      });
      // The error of a broken response; `complete` tells.
      response.on('error', () => {});
      response.once('close', () => {
        const { statusCode: status, headers, trailers, complete: isComplete } = response;
        resolve({ status, headers, trailers, text: Buffer.concat(chunks).toString(), isComplete });
      });
    });
    sent.once('error', reject);
    sent.end(JSON.stringify(body));
  });
}

const entry = (text: string): EntryObject => ({ file: 'a', line: 1, text, before: [], after: [], matches: [[0, 1]] });
const LARGE = 'x'.repeat(100_000);

describe('answers as CSV and TSV', () => {
  const suite = useFixtureApp({ cacheBytes: 1_000_000 });
  const search = { action: 'search', term: 'love', dictionary: 'plain.txt', format: 'object' };
  const post = (body: object, accept: string) => send(`${suite.url}/api/v1/json`, body, accept);

  it('have a header row, and the number of entries in a header', async () => {
    const { status, headers, text } = await post({ ...search, n_before: 1, nresults: 2 }, CSV);
    expect(status).to.equal(200);
    expect(text).to.equal(
      'file,line,text,before,after,matches\r\nplain.txt,2,two love,one,,4-8\r\nplain.txt,4,four love,three,,5-9\r\n',
    );
    expect(headers).to.include({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-length': String(text.length),
      'grepd-entries': '4',
      'x-content-type-options': 'nosniff',
      vary: 'Accept, Accept-Encoding',
    });
    expect(headers).to.not.have.any.keys('grepd-truncated', 'trailer');
  });

  it('are the same from the cache, which stores CSV and TSV separately', async () => {
    const body = { ...search, term: 'nine' };
    const [first, second, tsv] = [await post(body, CSV), await post(body, CSV), await post(body, TSV)];
    const { date: _, 'x-request-id': __, ...headers } = first.headers;
    expect(second.headers).to.include(headers);
    expect(second.text).to.equal(first.text);
    expect(tsv.headers['content-type']).to.equal('text/tab-separated-values; charset=utf-8');
    expect(tsv.headers['grepd-entries']).to.equal('1');
    expect(tsv.text).to.equal('file\tline\ttext\tbefore\tafter\tmatches\nplain.txt\t9\tnine love\t\t\t0-4\n');
  });

  for (const [accept, type] of [
    [CSV, CSV],
    ['TEXT/CSV', CSV],
    ['text/csv; charset=utf-8', CSV],
    ['text/csv; header=present', CSV],
    ['text/csv; header=absent', 'application/json'],
    ['text/csv; charset=utf-16', 'application/json'],
    ['text/*', CSV],
    [TSV, TSV],
    ['text/csv;q=0.5, text/tab-separated-values', TSV],
    ['text/csv;q=0.5, text/tab-separated-values;q=0.4, application/json;q=0.3', CSV],
    ['text/csv;q=0.5, application/json', 'application/json'],
    ['text/csv, */*;q=0.1', CSV],
    ['text/csv;q=0, */*', 'application/json'],
    ['text/csv, application/x-ndjson;q=0.9', CSV],
    ['application/x-ndjson, text/csv;q=0.9', 'application/x-ndjson'],
    ['*/*', 'application/json'],
  ] as const) {
    it(`are chosen as ${type} by Accept: ${accept}`, async () => {
      const { status, headers } = await post(search, accept);
      expect([status, headers['content-type']?.split(';')[0]]).to.deep.equal([200, type]);
    });
  }

  for (const body of [{ ...search, format: 'text' }, { action: 'all', dictionary: 'plain.txt' }, { action: 'list' }]) {
    it(`are not offered for strings: ${JSON.stringify(body)}`, async () => {
      const { status, headers } = await post(body, CSV);
      expect([status, headers['content-type']]).to.deep.equal([200, 'application/json; charset=utf-8']);
      expect((await post(body, `${CSV}, application/x-ndjson;q=0.1`)).headers['content-type']).to.equal(
        'application/x-ndjson',
      );
    });
  }

  for (const accept of [CSV, TSV]) {
    it(`exclude escaping for HTML: ${accept}`, async () => {
      const { status, text } = await post({ ...search, escape: 'html' }, accept);
      expect(status).to.equal(400);
      expect(JSON.parse(text).message).to.equal(
        `"escape": "html" can't be combined with ${accept}. See /api/v1/web for instructions.`,
      );
    });
  }

  it('report errors as JSON', async () => {
    const { status, headers, text } = await post({ ...search, dictionary: 'nope' }, CSV);
    expect([status, headers['content-type']]).to.deep.equal([404, 'application/json; charset=utf-8']);
    expect(JSON.parse(text)).to.have.keys('Code', 'message');
  });

  it('hold what the JSON holds, whatever the texts', async () => {
    const dictionaries = Object.keys(texts).filter((name) => !/shut|hidden|SOURCES|damaged/.test(name));
    let rows = 0;
    for (const dictionary of dictionaries) {
      for (const unit of ['line', 'quote']) {
        const body = { action: 'search', term: 'o', dictionary, unit, format: 'object', n_before: 1, n_after: 2 };
        const json = JSON.parse((await post(body, 'application/json')).text) as { results: EntryObject[] };
        const plain = (value: string) => (/^[=+\-@\t\r\n\0]/.test(value) ? `'${value}` : value);
        const expected = json.results.map(({ file, line, text, before, after, matches }) => [
          plain(file),
          String(line),
          plain(text),
          plain(before.join('\n')),
          plain(after.join('\n')),
          matches.map(([start, end]) => `${start}-${end}`).join(' '),
        ]);
        const csv = await post(body, CSV);
        expect(parseCsv(csv.text).slice(1), dictionary).to.deep.equal(expected);
        const flat = (value: string) => value.replace(/\r\n|[\t\r\n]/g, ' ');
        const tsv = await post(body, TSV);
        expect(parseTsv(tsv.text).slice(1), dictionary).to.deep.equal(expected.map((row) => row.map(flat)));
        rows += expected.length;
      }
    }
    expect(rows).to.be.above(60);
  });
});

describe('a streamed answer as CSV', () => {
  let app: RunningApp | undefined;
  afterEach(() => app?.close());

  const body = { action: 'search', term: 'a', format: 'object' };
  /** Resolves when the client has received the beginning of the response. */
  let begun: Promise<void>;
  let begin: () => void;
  beforeEach(() => {
    begun = new Promise((resolve) => {
      begin = resolve;
    });
  });

  async function start(end: (signal: AbortSignal) => Promise<unknown>, options: AppOptions = {}): Promise<string> {
    const engine = stubEngine(async function* (_, signal) {
      yield [entry(LARGE)];
      yield [entry('=2')];
      await begun;
      await end(signal);
      return { nrOfEntries: 7, truncated: 'dictionary_changed' };
    });
    app = await startApp({ engine, searchTimeoutMs: 100, ...options });
    return `${app.url}/api/v1/json`;
  }
  const fail = (error: Error) => () => Promise.reject(error);

  /**
   * Sends the request over HTTP/1.0, which has neither chunks nor trailers. Lets the answer go on
   * once the first entry has arrived: libuv reports a reset that arrives with data as an end.
   */
  async function sendOld(): Promise<string> {
    const socket = connect(app?.port as number, '127.0.0.1');
    const json = JSON.stringify(body);
    const head = `POST /api/v1/json HTTP/1.0\r\nContent-Type: application/json\r\nAccept: ${CSV}\r\n`;
    socket.write(`${head}Content-Length: ${json.length}\r\n\r\n${json}`);
    let received = '';
    socket.on('data', (data) => {
      received += data;
      if (received.includes(LARGE)) setImmediate(begin);
    });
    await once(socket, 'close');
    return received;
  }

  it('has the summary in trailers', async () => {
    const { headers, trailers, text, isComplete } = await send(await start(async () => {}), body, CSV, begin);
    expect(headers).to.include({ trailer: 'Grepd-Entries, Grepd-Truncated', 'transfer-encoding': 'chunked' });
    expect(headers).to.not.have.any.keys('grepd-entries', 'etag');
    expect(trailers).to.deep.equal({ 'grepd-entries': '7', 'grepd-truncated': 'dictionary_changed' });
    expect(isComplete).to.equal(true);
    expect(parseCsv(text).map(([, , cell]) => cell)).to.deep.equal(['text', LARGE, "'=2"]);
  });

  it('has no trailers over HTTP/1.0, which lacks them', async () => {
    await start(async () => {});
    const received = await sendOld();
    const end = received.indexOf('\r\n\r\n') + 4;
    expect(received.slice(0, end))
      .to.match(/^HTTP\/1.1 200 /)
      .and.not.match(/\r\ntrailer:/i);
    expect(parseCsv(received.slice(end))).to.have.length(3);
  });

  for (const [title, end, reason] of [
    ['a time limit', untilAborted, 'The search took longer than 100 ms.'],
    ['a failure', fail(new AppError('engine_unavailable', 'Gone.')), 'Gone.'],
    ['a bug', fail(new Error('a bug')), undefined],
  ] as const) {
    it(`breaks off at ${title}, and the log has the reason`, async () => {
      const { status, trailers, text, isComplete } = await send(await start(end), body, CSV, begin);
      expect([status, isComplete]).to.deep.equal([200, false]);
      expect(trailers).to.deep.equal({});
      expect(text.length).to.be.at.most(100_200);
      const line = () => app?.log.find(({ msg }) => msg === 'request');
      while (line() === undefined) await new Promise((resolve) => setImmediate(resolve));
      expect(line()).to.include({ status: 200, aborted: true });
      expect(line()?.reason).to.equal(reason);
      expect(app?.log.filter(({ msg }) => msg === 'bug')).to.have.length(reason === undefined ? 1 : 0);
    });

    it(`is reset at ${title} over HTTP/1.0, where an ended connection looks complete`, async () => {
      await start(end);
      const result = await sendOld().catch(({ code }: NodeJS.ErrnoException) => code);
      expect(result).to.equal('ECONNRESET');
    });
  }

  it('breaks off at a failure before any of it was received, which is not a bug', async () => {
    const url = await start(fail(new AppError('engine_unavailable', 'Gone.')));
    begin();
    const result = await send(url, body, CSV).catch((error: Error) => error.message);
    if (typeof result === 'string') expect(result).to.equal('socket hang up');
    else expect(result.isComplete).to.equal(false);
    expect(app?.log.filter(({ msg }) => msg === 'bug')).to.deep.equal([]);
  });

  it('has an error status if it fails before the stream begins', async () => {
    const engine = stubEngine(async function* (_, signal) {
      yield [entry('a')];
      return untilAborted(signal);
    });
    app = await startApp({ engine, searchTimeoutMs: 20 });
    const { status, isComplete } = await send(`${app.url}/api/v1/json`, body, CSV);
    expect([status, isComplete]).to.deep.equal([504, true]);
  });

  it('gives HEAD no trailers, and ends its search', async () => {
    let ended = 0;
    const engine = stubEngine(async function* () {
      try {
        for (;;) yield [entry(LARGE)];
      } finally {
        ended += 1;
      }
    });
    app = await startApp({ engine });
    const { status, headers, text } = await rawText(
      app.port,
      `HEAD /api/v1/search?term=a&format=object HTTP/1.1\r\nHost: a\r\nAccept: ${CSV}\r\nConnection: close\r\n\r\n`,
    );
    expect([status, text]).to.deep.equal([200, '']);
    expect(headers).to.include('text/csv').and.not.include('Trailer');
    while (ended === 0) await new Promise((resolve) => setImmediate(resolve));
  });
});
