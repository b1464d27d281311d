import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createApiKey } from '../../src/auth/api-keys.js';
import { createPm2App } from '../../src/commands/pm2-app.js';
import { parseConfig } from '../../src/config/config.js';
import { PROJECT } from '../helpers/project.js';
import { tempFolder } from '../helpers/temp-folder.js';

describe('parseConfig', () => {
  const DICTIONARIES_DIR = `${PROJECT}/dictionaries`;

  it('has a default for every setting', () => {
    expect(parseConfig({ DICTIONARIES_DIR })).to.deep.equal({
      HOST: '127.0.0.1',
      PORT: 3000,
      WORKERS: availableParallelism(),
      DICTIONARIES_DIR,
      SEARCH_ENGINE: 'grep',
      INDEX: true,
      INDEX_DIR: '.index',
      INDEX_MIN_MB: 8,
      INDEX_MAX_MB: 10_240,
      SEARCH_TIMEOUT_MS: 10_000,
      SEARCHES_PER_WORKER: 8,
      SEARCH_QUEUE: 256,
      ANSWERS_PER_WORKER: 64,
      SEARCH_MEMORY_MB: 256,
      CACHE_BYTES: 33_554_432,
      TERM_LENGTH: 1000,
      LINE_LENGTH: 1_000_000,
      UNPACKED_MB: 4096,
      UPLOADS: false,
      UPLOAD_MB: 100,
      REQUEST_TIMEOUT_MS: 10_000,
      KEEP_ALIVE_TIMEOUT_MS: 5_000,
      NUMBERS_TIMEOUT_MS: 10_000,
      NUMBERS_CONNECT_TIMEOUT_MS: 2_000,
      NUMBERS_BODY_MB: 256,
      TRUST_PROXY: 0,
      MCP: true,
      CORS_ORIGINS: [],
      CONNECTIONS_PER_WORKER: 20_000,
      WAIT_ROUTE: false,
      DRAIN_TIMEOUT_MS: 26_000,
      MAX_MEMORY_MB: 512,
      LOG_LEVEL: 'info',
      LOG_TERMS: false,
    });
  });

  it('treats an empty variable as unset, and ignores unknown ones', () => {
    const config = parseConfig({ DICTIONARIES_DIR, PORT: '', DEFAULT_DICTIONARY: '', HOME: '/root' });
    expect(config).to.include({ PORT: 3000 });
    expect(config).to.not.have.any.keys('HOME', 'DEFAULT_DICTIONARY');
  });

  it('accepts the nodes of one database as a cluster, and nothing else', () => {
    const read = (CLICKHOUSE_URL: string) =>
      parseConfig({
        DICTIONARIES_DIR,
        SEARCH_ENGINE: 'clickhouse',
        CLICKHOUSE_URL,
        DEFAULT_DICTIONARY: 'in-the-cluster',
      });
    const urls = ['http://a:b@one:8123/texts', 'https://a:b@two/texts'];
    expect(read(urls.join(', '))).to.deep.include({ CLICKHOUSE_URL: urls, SEARCH_ENGINE: 'clickhouse' });
    for (const text of ['one:8123', 'http://one/a,http://two/b', 'http://one/a/b', 'http://one/?x=1', 'ftp://one/']) {
      expect(() => read(text), text).to.throw('"CLICKHOUSE_URL" must be comma-separated');
    }
    expect(() => parseConfig({ DICTIONARIES_DIR, SEARCH_ENGINE: 'clickhouse' })).to.throw(
      '"SEARCH_ENGINE" must be grep',
    );
    expect(() => parseConfig({ DICTIONARIES_DIR, SEARCH_ENGINE: 'sphinx' })).to.throw('"SEARCH_ENGINE" must be grep');
  });

  it('parses rate limits and trusted proxies', () => {
    const read = (env: Record<string, string>) => parseConfig({ DICTIONARIES_DIR, ...env });
    for (const [text, windowMs] of [
      ['100/s', 1_000],
      ['100/m', 60_000],
      ['100/h', 3_600_000],
    ] as const) {
      expect(read({ RATE_LIMIT: text }).RATE_LIMIT).to.deep.equal({ maxRequests: 100, windowMs });
    }
    for (const text of ['0/s', '100', '100/d', '1.5/s', '-1/s', '100 / s']) {
      expect(() => read({ RATE_LIMIT: text })).to.throw('"RATE_LIMIT" must be a number of requests per second');
    }
    for (const [text, proxies] of [
      ['true', 1],
      ['false', 0],
      ['0', 0],
      ['2', 2],
    ] as const) {
      expect(read({ TRUST_PROXY: text })).to.include({ TRUST_PROXY: proxies });
    }
    for (const text of ['yes', '11', '-1', '1.5']) expect(() => read({ TRUST_PROXY: text })).to.throw('"TRUST_PROXY"');
  });

  it('rejects uploads with ClickHouse, which they would not reach', () => {
    const read = (env: Record<string, string>) => parseConfig({ DICTIONARIES_DIR, ...env }).UPLOADS;
    expect(read({ UPLOADS: 'true' })).to.equal(true);
    const cluster = { SEARCH_ENGINE: 'clickhouse', CLICKHOUSE_URL: 'http://one:8123/texts' };
    expect(read(cluster)).to.equal(false);
    expect(() => read({ ...cluster, UPLOADS: 'true' })).to.throw(
      '"UPLOADS" must be true or false, and false if SEARCH_ENGINE is clickhouse',
    );
  });

  it('parses CORS origins', () => {
    const read = (CORS_ORIGINS: string) => parseConfig({ DICTIONARIES_DIR, CORS_ORIGINS }).CORS_ORIGINS;
    expect(read('*')).to.deep.equal(['*']);
    const origins = ['https://example.org', 'http://localhost:8080'];
    expect(read('https://example.org, http://localhost:8080')).to.deep.equal(origins);
    for (const wrong of ['example.org', 'https://example.org/', 'https://example.org/x', 'https://a.b,', 'null']) {
      expect(() => read(wrong), wrong).to.throw('"CORS_ORIGINS" must be * or comma-separated origins');
    }
  });

  it('rejects an INDEX_DIR that is in DICTIONARIES_DIR or contains it, or that is a file', async () => {
    const folder = await tempFolder();
    try {
      const dictionaries = join(folder.path, 'dictionaries');
      await mkdir(dictionaries);
      await symlink(dictionaries, join(folder.path, 'link'));
      await writeFile(join(folder.path, 'file'), '');
      const read = (INDEX_DIR: string, env: Record<string, string> = {}) =>
        parseConfig({ DICTIONARIES_DIR: dictionaries, INDEX_DIR: join(folder.path, INDEX_DIR), ...env }).INDEX_DIR;
      for (const accepted of ['index', 'new/index', 'dictionaries-index', 'dictionaries/../index'])
        expect(read(accepted)).to.equal(join(folder.path, accepted));
      for (const rejected of ['dictionaries', 'dictionaries/new/index', 'link/index', '.', 'file']) {
        expect(() => read(rejected), rejected).to.throw(
          '"INDEX_DIR" must be a folder that is not in DICTIONARIES_DIR and does not contain it, got',
        );
      }
      expect(read('.', { INDEX: 'false' })).to.equal(folder.path);
      const cluster = { SEARCH_ENGINE: 'clickhouse', CLICKHOUSE_URL: 'http://one:8123/texts' };
      expect(read('.', cluster)).to.equal(folder.path);
      // The default, too.
      expect(() => parseConfig({ DICTIONARIES_DIR: '.' })).to.throw('"INDEX_DIR" must be a folder');
    } finally {
      await folder.remove();
    }
  });

  it('rejects a MAX_MEMORY_MB that is too small for a worker and its cache', () => {
    const read = (env: Record<string, string>) => parseConfig({ DICTIONARIES_DIR, ...env }).MAX_MEMORY_MB;
    expect(read({ MAX_MEMORY_MB: '224' })).to.equal(224);
    expect(read({ MAX_MEMORY_MB: '192', CACHE_BYTES: '0' })).to.equal(192);
    expect(read({ CACHE_BYTES: String(2 ** 30) })).to.equal(1_216);
    for (const [MAX_MEMORY_MB, CACHE_BYTES] of [
      ['32', ''],
      ['223', ''],
      ['191', '0'],
      ['1215', String(2 ** 30)],
    ] as const) {
      expect(() => read({ MAX_MEMORY_MB, CACHE_BYTES })).to.throw(
        `"MAX_MEMORY_MB" must be an integer (MiB), at least 192 more than CACHE_BYTES, got ${MAX_MEMORY_MB}`,
      );
    }
    expect(() => read({ CACHE_BYTES: 'much', MAX_MEMORY_MB: '300' }))
      .to.throw('"CACHE_BYTES"')
      .not.match(/MAX_MEMORY/);
  });

  it('rejects an API_KEYS file without keys, and explains how to add one', async () => {
    const folder = await tempFolder();
    try {
      const file = join(folder.path, 'keys');
      for (const text of ['', ' \n\t\n', '# nobody yet\n']) {
        await writeFile(file, text);
        expect(() => parseConfig({ DICTIONARIES_DIR, API_KEYS: file }))
          .to.throw('"API_KEYS" must be a file with a name, the SHA-256 of a key and optional limits on each line')
          .with.property('message')
          .that.includes('at least one key (API_KEYS=FILE npm run key -- NAME adds one');
      }
      await writeFile(file, createApiKey('reader').line);
      expect(parseConfig({ DICTIONARIES_DIR, API_KEYS: file })).to.include({ API_KEYS: file });
    } finally {
      await folder.remove();
    }
  });

  it('parses numbers', () => {
    expect(parseConfig({ DICTIONARIES_DIR, PORT: '8080', WORKERS: '3' })).to.include({ PORT: 8080, WORKERS: 3 });
  });

  it('derives the drain limit from the time that a request can take: idle, sending, searching', () => {
    const drainMs = (env: Record<string, string>) => parseConfig({ DICTIONARIES_DIR, ...env }).DRAIN_TIMEOUT_MS;
    expect(drainMs({ SEARCH_TIMEOUT_MS: '60000' })).to.equal(76_000);
    expect(drainMs({ KEEP_ALIVE_TIMEOUT_MS: '1000', REQUEST_TIMEOUT_MS: '2000', SEARCH_TIMEOUT_MS: '4000' })).to.equal(
      8_000,
    );
    expect(drainMs({ NUMBERS_TIMEOUT_MS: '30000' })).to.equal(46_000);
    expect(drainMs({ WAIT_ROUTE: 'true' })).to.equal(76_000);
    expect(drainMs({ WAIT_ROUTE: 'true', DRAIN_TIMEOUT_MS: '500' })).to.equal(500);
  });

  it('sets the kill_timeout of PM2 to the drain limit plus the time to exit', () => {
    const app = createPm2App({ env: { DICTIONARIES_DIR, DRAIN_TIMEOUT_MS: '12345' }, script: 'entry.js' });
    expect(app).to.include({
      kill_timeout: 14_345,
      treekill: false,
      pmx: false,
      exec_mode: 'cluster',
      wait_ready: true,
    });
  });

  it('sets the kill_timeout of PM2 by the drain limit of the running workers if that is longer', () => {
    const env = { DICTIONARIES_DIR, RUNNING_DRAIN_TIMEOUT_MS: '99000' };
    expect(createPm2App({ env, script: 'entry.js' })).to.include({ kill_timeout: 101_000 });
  });

  it('limits GET /total to the time of a search by default', () => {
    const config = (env: Record<string, string>) => parseConfig({ DICTIONARIES_DIR, ...env }).NUMBERS_TIMEOUT_MS;
    expect(config({ SEARCH_TIMEOUT_MS: '1234' })).to.equal(1_234);
    expect(config({ SEARCH_TIMEOUT_MS: '1234', NUMBERS_TIMEOUT_MS: '99' })).to.equal(99);
  });

  for (const NUMBERS_API_URL of ['http://127.0.0.1:8000/numbers?n=5', 'https://numbers.example.org', 'http://[::1]/']) {
    it(`accepts the NUMBERS_API_URL ${NUMBERS_API_URL}`, () => {
      expect(parseConfig({ DICTIONARIES_DIR, NUMBERS_API_URL })).to.include({ NUMBERS_API_URL });
    });
  }

  for (const NUMBERS_API_URL of [
    'numbers',
    '/numbers',
    'ftp://127.0.0.1/',
    'http://',
    'http://user@host/',
    'http://u:p@host/',
  ]) {
    it(`rejects the NUMBERS_API_URL ${NUMBERS_API_URL}`, () => {
      expect(() => parseConfig({ DICTIONARIES_DIR, NUMBERS_API_URL })).to.throw(
        `"NUMBERS_API_URL" must be an http or https URL without user name and password, got "${NUMBERS_API_URL}"`,
      );
    });
  }

  for (const HOST of ['0.0.0.0', '::', '::1', 'localhost', 'grep.example.org']) {
    it(`accepts the HOST ${HOST}`, () => {
      expect(parseConfig({ DICTIONARIES_DIR, HOST })).to.include({ HOST });
    });
  }

  it('lists every invalid setting in one message, with the expected and the actual value', () => {
    const env = {
      HOST: 'not a host',
      PORT: '70000',
      WORKERS: 'many',
      DICTIONARIES_DIR: '/nowhere',
      DEFAULT_DICTIONARY: 'nope.txt',
      SEARCH_TIMEOUT_MS: '1.5',
      SEARCHES_PER_WORKER: '0',
      SEARCH_QUEUE: '-1',
      LOG_LEVEL: 'loud',
    };
    expect(() => parseConfig(env)).to.throw(
      [
        'Invalid settings (environment variables):',
        '  "HOST" must be a host name or an IP address, got "not a host"',
        '  "PORT" must be an integer from 0 to 65535, got 70000',
        '  "WORKERS" must be an integer from 1 to 1024, got "many"',
        '  "DICTIONARIES_DIR" must be a readable folder, got "/nowhere"',
        '  "DEFAULT_DICTIONARY" must be the name of an existing dictionary, got "nope.txt"',
        '  "SEARCH_TIMEOUT_MS" must be an integer from 1 to 86400000 (milliseconds), got 1.5',
        '  "SEARCHES_PER_WORKER" must be an integer from 1 to 1024, got 0',
        '  "SEARCH_QUEUE" must be an integer from 0 to 1000000, got -1',
        '  "LOG_LEVEL" must be one of trace, debug, info, warn, error, fatal, silent, got "loud"',
      ].join('\n'),
    );
  });

  it('rejects a DICTIONARIES_DIR that is a file, and a default that does not exist', () => {
    expect(() => parseConfig({ DICTIONARIES_DIR: `${PROJECT}/package.json` })).to.throw(
      '"DICTIONARIES_DIR" must be a readable folder',
    );
    const folder = process.cwd();
    try {
      process.chdir('/');
      expect(() => parseConfig({})).to.throw('"DICTIONARIES_DIR" must be a readable folder, got "dictionaries"');
    } finally {
      process.chdir(folder);
    }
  });
});
