// A cluster that fails partly or entirely, or is slow, and queries that are cancelled.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { AppError } from '../../../../src/errors.js';
import { collect, type SearchEngine, type SearchQuery } from '../../../../src/search/engine.js';
import { Cluster } from '../../../../src/search/engines/clickhouse/client/cluster.js';
import { ClusterWriter } from '../../../../src/search/engines/clickhouse/load/cluster-writer.js';
import { openEngine } from '../../../../src/search/open-engine.js';
import { createSearchCounts } from '../../../../src/search/search-counts.js';
import { describeWithClickHouse, type Node, type Nodes, startNodes } from '../../../helpers/clickhouse.js';
import { loadFolder, openWriter } from '../../../helpers/load-folder.js';
import { allQuery, engineOptions, searchQuery } from '../../../helpers/queries.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';

const never = new AbortController().signal;
const LINES = 300_000;
const MAX_KILLS = 16;

describeWithClickHouse('a cluster of two shards with two replicas each', function () {
  this.timeout(120_000);
  let nodes: Nodes;
  let folder: TempFolder;
  let engine: SearchEngine;
  const counts = createSearchCounts();
  before(async () => {
    nodes = await startNodes([2, 2]);
    folder = await tempFolder();
    const text = Array.from({ length: LINES }, (_, n) => `line ${n}${n % 1000 === 1 ? ' Needle' : ''}\n`).join('');
    await writeFile(join(folder.path, 'a.txt'), text);
    await loadFolder(folder.path, nodes);
    const options = { dictionariesDir: folder.path, engine: 'clickhouse', urls: nodes.urls, counts } as const;
    engine = await openEngine(engineOptions({ ...options, searchQueue: 1000, searchTimeoutMs: 100_000 }));
  });
  after(async () => {
    await engine.close();
    await nodes.leave();
    await folder.remove();
  });

  const search = (query: Partial<SearchQuery>) =>
    collect(engine.search(searchQuery(query), new AbortController().signal));

  it('has every line on both replicas of its shard', async () => {
    const writer = await openWriter(nodes);
    try {
      const rows = await writer.rows<[string, string]>(
        "SELECT _shard_num, count() FROM clusterAllReplicas('test', grepd, lines_local) GROUP BY _shard_num ORDER BY _shard_num",
      );
      const counts = new Map(rows.map(([replica, count]) => [Number(replica), Number(count)]));
      const [a = 0, b = 0, c = 0, d = 0] = [1, 2, 3, 4].map((replica) => counts.get(replica));
      expect([a, c]).to.deep.equal([b, d]);
      expect(a + c).to.equal(LINES);
    } finally {
      await writer.close();
    }
  });

  it('answers correctly while nodes are killed and restarted', async function () {
    this.timeout(600_000);
    const queries: [Partial<SearchQuery>, number][] = [
      [{ term: 'Needle', nresults: 3, n_before: 2 }, LINES / 1000],
      [{ term: 'needle', ignore_case: true }, LINES / 1000],
      [{ term: '^line [0-9]+$', syntax: 'regex', nresults: 1 }, LINES - LINES / 1000],
      [{ term: ' 12', nresults: 0 }, 11_111],
    ];
    const wrong: string[] = [];
    const failures: string[] = [];
    let answered = 0;
    let isOver = false;
    const client = async (number: number) => {
      for (let n = number; !isOver; n += 1) {
        const [query, expected] = queries[n % queries.length] as [Partial<SearchQuery>, number];
        try {
          const { nrOfEntries, entries } = await search(query);
          const returned = query.nresults || nrOfEntries;
          if (nrOfEntries !== expected || entries.length !== returned)
            wrong.push(`${nrOfEntries} of ${expected}: ${query.term}`);
          else answered += 1;
        } catch (error) {
          failures.push(`${error}: ${(error as Error).cause}`);
        }
      }
    };
    const clients = Array.from({ length: 6 }, (_, number) => client(number));
    const until = async (more: number) => {
      const enough = answered + more;
      while (answered < enough && failures.length === 0) await sleep(20);
    };
    let crashes = 0;
    /** Waits until all nodes are connected. Returns whether any has crashed since the last call. */
    const settle = async () => {
      const body = "SELECT count() FROM clusterAllReplicas('test', grepd, lines_local)";
      for (;;) {
        const pings = nodes.urls.map((url) =>
          fetch(url, { method: 'POST', body }).then(
            ({ ok }) => ok,
            () => false,
          ),
        );
        if ((await Promise.all(pings)).every(Boolean)) break;
        await sleep(50);
      }
      const before = crashes;
      crashes = nodes.nodes.reduce((sum, node) => sum + node.crashes(), 0);
      return crashes > before;
    };
    await until(12);
    // Each node once, and more until one was killed while it was sending a response.
    for (let kills = 0; kills < 4 || (kills < MAX_KILLS && counts.queries.failed === 0); kills += 1) {
      const node = nodes.nodes[kills % 4] as Node;
      await node.kill();
      await until(6);
      await node.start();
      // After a crash, a shard may have had no replica left: this test is not about that.
      if (await settle()) failures.length = 0;
      await until(6);
    }
    isOver = true;
    await Promise.all(clients);
    expect([wrong, failures]).to.deep.equal([[], []]);
    expect(counts.queries.failed).to.be.above(0);
  });

  it('is unavailable while a shard has no replica, and recovers', async () => {
    const [first, second] = nodes.nodes.slice(2);
    await Promise.all([first?.kill(), second?.kill()]);
    for (const run of [
      () => search({ term: 'Needle', dictionary: 'a.txt' }),
      () => engine.check(),
      () => engine.dictionaries(never),
    ]) {
      const failure = (await (run() as Promise<unknown>).catch((error) => error)) as AppError;
      expect([failure.code, failure.kind.status]).to.deep.equal(['engine_unavailable', 503]);
      expect(failure.message).to.equal('The ClickHouse cluster is unavailable: a required node does not respond.');
    }
    await first?.start();
    expect((await search({ term: 'Needle' })).nrOfEntries).to.equal(LINES / 1000);
    await engine.check();
    await second?.start();
  });

  it('cancels a query in the cluster when its caller leaves', async () => {
    const running = async () => {
      const marked = "query LIKE '%sleepEachRow(0.01)%' AND query NOT LIKE '%system.processes%'";
      const query = `SELECT count() FROM system.processes WHERE ${marked}`;
      return Number(await (await fetch(nodes.urls[0] as string, { method: 'POST', body: query })).text());
    };
    const own = createSearchCounts().queries;
    const cluster = new Cluster({ urls: nodes.urls.slice(0, 1), timeoutMs: 60_000, memoryBytes: 2 ** 30, counts: own });
    const left = new AbortController();
    const reason = new Error('gone');
    const slow = cluster.stream(
      'SELECT sleepEachRow(0.01) FROM numbers(100000) SETTINGS max_block_size = 10 FORMAT RowBinary',
      left.signal,
    );
    const failure = slow.next().then(
      () => slow.next(),
      (error) => error,
    );
    while ((await running()) === 0) await sleep(20);
    left.abort(reason);
    expect(await failure.catch((error) => error)).to.equal(reason);
    while ((await running()) > 0) await sleep(20);
    expect(own).to.deep.equal({ answered: 0, failed: 0, cancelled: 1 });
    // A caller may also just stop reading.
    const more = cluster.stream('SELECT number FROM numbers(100000000) FORMAT RowBinary', never);
    await more.next();
    await more.return();
    expect(own).to.include({ failed: 0, cancelled: 2 });
    await cluster.close();
  });

  it('limits the time and memory of a query', async () => {
    const cluster = new Cluster({ urls: nodes.urls, timeoutMs: 1, memoryBytes: 16 * 2 ** 20 });
    const codeOf = async (query: string) => (await cluster.rows(query, never).catch((error) => error)).code;
    expect(await codeOf('SELECT sleep(3)')).to.equal('search_timeout');
    expect(await codeOf('SELECT length(groupArray(number)) FROM numbers(20000000)')).to.equal('search_memory');
    expect(await codeOf('INSERT INTO grepd.catalog (name) VALUES (1)')).to.equal('164');
    await cluster.close();
  });

  it('detects an incomplete response, and returns no part of the exception', async () => {
    const cluster = new Cluster({ urls: nodes.urls, timeoutMs: 60_000, memoryBytes: 2 ** 30 });
    const wrong =
      "SELECT toFixedString('12345678', 8), throwIf(number = 500000, 'oops') FROM numbers(1000000) SETTINGS max_block_size = 1000 FORMAT RowBinary";
    let sent = '';
    const failure = await (async () => {
      for await (const chunk of cluster.stream(wrong, never)) sent += chunk.toString('latin1');
    })().catch((error) => error);
    expect(failure.message).to.match(/^oops/);
    expect('12345678\0'.repeat(1_000_000).startsWith(sent)).to.equal(true);
    expect(sent.length).to.be.above(0);
    // Failures of a node are retried, up to a limit.
    const gone =
      "SELECT number, throwIf(number = 500000, 'gone', 210::Int16) FROM numbers(1000000) SETTINGS max_block_size = 1000, allow_custom_error_code_in_throwif = 1";
    expect((await cluster.rows(gone, never).catch((error) => error)).code).to.equal('engine_unavailable');
    await cluster.close();
  });

  it('rejects tables of a newer grepd, and URLs that omit nodes', async () => {
    const bounds = { timeoutMs: 60_000, memoryBytes: 2 ** 30 };
    const messageOf = async (urls: string[], cluster: string | undefined) =>
      ClusterWriter.open({ urls, cluster, ...bounds }).then(
        () => 'opened',
        (error) => error.message,
      );
    expect(await messageOf(nodes.urls, 'nope')).to.equal(
      'The ClickHouse nodes have no cluster named "nope". Check CLICKHOUSE_CLUSTER.',
    );
    const some = nodes.urls.slice(0, 2).map((url) => `${url}/some`);
    expect(await messageOf(some, 'test')).to.equal(
      'The cluster "test" has 4 nodes, but only 2 have grepd\'s tables. List all of them in CLICKHOUSE_URL, separated by commas.',
    );
    const newer = nodes.urls.map((url) => `${url}/newer`);
    expect(await messageOf(newer, 'test')).to.equal('opened');
    for (const url of nodes.urls) {
      await fetch(url, { method: 'POST', body: 'INSERT INTO newer.migrations (version) VALUES (99)' });
    }
    expect(await messageOf(newer, 'test')).to.match(
      /^The tables in "newer" have schema version 99, but this grepd supports versions up to \d+\. Update grepd\.$/,
    );
    expect(await messageOf(['http://127.0.0.1:1'], undefined)).to.match(/^A node in CLICKHOUSE_URL does not respond: /);
  });

  it('has no dictionaries before the first load', async () => {
    const urls = nodes.urls.map((url) => `${url}/nothing`);
    const empty = await openEngine(engineOptions({ dictionariesDir: folder.path, engine: 'clickhouse', urls }));
    await empty.check();
    expect(await empty.dictionaries(never)).to.deep.equal({ dictionaries: [] });
    const failure = await collect(empty.all(allQuery(), never)).catch((error) => error);
    expect(failure.code).to.equal('unknown_dictionary');
    await empty.close();
  });
});
