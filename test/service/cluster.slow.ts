// The service over a ClickHouse cluster: starting, answering, stopping, and loading the cluster.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { describeWithClickHouse, type Nodes, startNodes } from '../helpers/clickhouse.js';
import { makeOperator, type Operator, type Outcome } from '../helpers/operator.js';
import { type Service, spawnService } from '../helpers/spawn-service.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

const UNAVAILABLE =
  'The ClickHouse cluster is unavailable: a required node does not respond. See /api/v1/web for instructions.';

describe('an unreachable cluster', function () {
  this.timeout(60_000);

  it('makes npm start fail with the reason', async () => {
    const operator = await makeOperator();
    try {
      const env = { SEARCH_ENGINE: 'clickhouse', CLICKHOUSE_URL: 'http://127.0.0.1:1' };
      const { status, stderr } = await operator.start(env);
      expect(status).to.equal(1);
      expect(stderr).to.include(`grepd is running but not ready: ${UNAVAILABLE}`);
      expect(await operator.workers()).to.deep.equal([]);
    } finally {
      await operator.leave();
    }
  });

  it('needs valid settings, whose messages hide the password', async () => {
    for (const [env, problem] of [
      [
        { SEARCH_ENGINE: 'clickhouse' },
        '"SEARCH_ENGINE" must be grep, or clickhouse if CLICKHOUSE_URL is set, got "clickhouse"',
      ],
      [
        { SEARCH_ENGINE: 'clickhouse', CLICKHOUSE_URL: 'ftp://me:SECRET@node' },
        '"CLICKHOUSE_URL" must be comma-separated',
      ],
      [
        { CLICKHOUSE_URL: 'http://a:SECRET@node/one,http://a:SECRET@node/two' },
        '"CLICKHOUSE_URL" must be comma-separated',
      ],
    ] as const) {
      const service = spawnService(env);
      expect(await service.exited).to.equal(1);
      expect(service.output()).to.include(problem).and.not.include('SECRET');
    }
  });
});

describeWithClickHouse('the service over a cluster', function () {
  this.timeout(60_000);
  let nodes: Nodes;
  let folder: TempFolder;
  let operator: Operator;
  let service: Service | undefined;
  let loaded: Outcome;
  before(async () => {
    nodes = await startNodes([1]);
    operator = await makeOperator();
    folder = await tempFolder();
    await writeFile(join(folder.path, 'a.txt'), 'one love\ntwo\nthree love\n');
    await writeFile(join(folder.path, 'many.txt'), `${'a line of some length, one of many\n'.repeat(400_000)}`);
    loaded = await run('');
  });
  after(async () => {
    await operator.leave();
    await nodes.leave();
    await folder.remove();
  });
  afterEach(async () => {
    service?.child.kill('SIGKILL');
    await service?.exited;
  });

  const env = () => ({
    SEARCH_ENGINE: 'clickhouse',
    CLICKHOUSE_URL: nodes.urls.join(),
    DICTIONARIES_DIR: folder.path,
    SEARCH_TIMEOUT_MS: '5000',
  });
  const run = (args: string) => operator.sh(`'${process.execPath}' dist/src/cli/npm-script.js load ${args}`, env());
  const send = (url: string, body: object) =>
    fetch(`${url}/api/v1/json`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('is loaded by npm run load, which reports its progress', async () => {
    const { status, stdout, stderr } = loaded;
    expect([status, stdout]).to.deep.equal([0, 'All dictionaries can be searched.\n']);
    expect(stderr)
      .to.match(/^a\.txt: 3 lines, 0\.0 MB, checksum \d+$/m)
      .and.match(/^many\.txt: 400000 lines, 13\.6 MB/m);
    expect((await run('a.txt')).stderr).to.match(/^a\.txt: unchanged, 3 lines, /);
    const listed = await run('--list');
    expect(listed.stdout.split('\n').map((line) => line.split(/ +/).slice(0, 3).join(' '))).to.deep.equal([
      'dictionary lines MB',
      'a.txt 3 0.0',
      'many.txt 400000 13.6',
      '',
    ]);
    for (const [args, problem] of [
      ['nope.txt', 'There is no dictionary named "nope.txt" in '],
      ['--drop', 'Usage: npm run load -- [DICTIONARY…], '],
      ['--list a.txt', 'Usage: npm run load -- [DICTIONARY…], '],
      ['--nope', "Unknown option '--nope'"],
      ['--drop nope.txt', 'The cluster has no dictionary named "nope.txt".'],
    ] as const) {
      const refused = await run(args);
      expect(refused.status, args).to.equal(1);
      expect(refused.stderr).to.include(problem).and.not.include('    at ');
    }
  });

  it('answers from the cluster, and counts the queries', async () => {
    service = spawnService(env());
    const url = await service.url();
    expect(await (await send(url, { action: 'search', term: 'love', n_after: 1 })).json()).to.deep.equal({
      'nr of entries': 2,
      results: ['one love\ntwo', 'three love'],
    });
    expect(await (await fetch(`${url}/readyz`)).json()).to.deep.equal({ status: 'ready' });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(Number(/^grepd_queries_total\{outcome="answered"\} (\d+)$/m.exec(metrics)?.[1])).to.be.above(2);
  });

  it('is not ready without the cluster, and becomes ready with it', async () => {
    await nodes.nodes[0]?.kill();
    service = spawnService(env());
    const url = await service.url();
    const { until, events } = service;
    await until(() => events('search backend not ready').length > 0);
    const unready = await fetch(`${url}/readyz`);
    expect([unready.status, await unready.json()]).to.deep.equal([503, { Code: 503, message: UNAVAILABLE }]);
    const failed = await send(url, { action: 'search', term: 'love' });
    expect([failed.status, failed.headers.get('retry-after'), await failed.json()]).to.deep.equal([
      503,
      '5',
      { Code: 503, message: UNAVAILABLE },
    ]);
    expect((await fetch(`${url}/healthz`)).status).to.equal(200);
    await nodes.nodes[0]?.start();
    while (!(await fetch(`${url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await send(url, { action: 'search', term: 'love' })).status).to.equal(200);
  });

  it('finishes answers in progress before it exits', async () => {
    service = spawnService(env());
    const url = await service.url();
    const answer = await send(url, { action: 'all', dictionary: 'many.txt' });
    service.child.kill('SIGINT');
    const { events, until } = service;
    await until(() => events('draining').length > 0);
    expect(((await answer.json()) as { results: string[] }).results).to.have.length(400_000);
    expect(await service.exited).to.equal(0);
  });

  it('answers 504 if the cluster takes too long', async () => {
    service = spawnService({ ...env(), SEARCH_TIMEOUT_MS: '50' });
    const answer = await send(await service.url(), {
      action: 'search',
      term: '(.)(.).*\\2\\1.*\\1\\2(.).*\\3$',
      syntax: 'regex',
      dictionary: 'many.txt',
    });
    expect(answer.status).to.equal(504);
  });
});
