import { expect } from 'chai';
import { AggregatorRegistry } from 'prom-client';
import sinon from 'sinon';
import { DURATION_BUCKETS, type MetricName, Metrics, metricTable } from '../../../src/runtime/metrics/metrics.js';

describe('Metrics', () => {
  const searches = {
    running: 1,
    waiting: 2,
    rejected: 3,
    batched: 4,
    greps: { found: 5, not_found: 6, failed: 7, cancelled: 8 },
    queries: { answered: 9, failed: 10, cancelled: 11 },
    catalog: { folders: 14, files: 15, packedBytes: 16, lookUps: { unchanged: 17, read: 18 } },
    index: {
      searches: { pruned: 19, scanned: 20, proved_absent: 21 },
      blocksRead: 22,
      blocksTotal: 23,
      builds: { built: 24, failed: 25 },
      buildSeconds: 26.5,
      indexedBytes: 27,
      rejected: 28,
      bytes: 29,
    },
  };
  const answers = { hits: 9, misses: 10, joined: 11, bytes: 12 };
  const open = () => new Metrics('7', { searches, answers, sentBytes: () => 13, isComplete: () => 1 });

  /** Returns the values by name and labels. */
  async function valuesOf(metrics: Metrics): Promise<Record<string, number>> {
    const lines = (await metrics.registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
    );
  }

  it('exports every metric of the table with its type and labels', async () => {
    const metrics = open();
    metrics.recordRequest({ route: '/', action: '', status: 200, ms: 1, key: 'reader' });
    metrics.recordDrain();
    const found = await metrics.registry.getMetricsAsJSON();
    expect(found.map(({ name }) => name)).to.have.members(Object.keys(metricTable));
    for (const { name, help, type, values } of found as unknown as {
      name: MetricName;
      help: string;
      type: string;
      values: { labels: object }[];
    }[]) {
      const row = metricTable[name];
      expect({ help, type }, name).to.deep.equal({ help: row.help, type: row.type });
      expect(values, name).to.not.deep.equal([]);
      for (const { labels } of values) {
        expect(Object.keys(labels).filter((label) => label !== 'le')).to.have.members(row.labels ?? []);
      }
    }
  });

  it('reads the counts that other modules maintain each time it is collected', async () => {
    const metrics = open();
    for (let times = 0; times < 2; times += 1) {
      expect(await valuesOf(metrics)).to.include({
        grepd_searches_running: 1,
        grepd_searches_waiting: 2,
        grepd_searches_refused_total: 3,
        grepd_searches_shared_total: 4,
        'grepd_greps_total{outcome="found"}': 5,
        'grepd_greps_total{outcome="cancelled"}': 8,
        'grepd_queries_total{outcome="failed"}': 10,
        grepd_cache_hits_total: 9,
        grepd_cache_misses_total: 10,
        grepd_cache_joined_total: 11,
        grepd_cache_bytes: 12,
        grepd_catalog_folders: 14,
        grepd_catalog_files: 15,
        grepd_catalog_packed_bytes: 16,
        'grepd_catalog_lookups_total{outcome="unchanged"}': 17,
        'grepd_catalog_lookups_total{outcome="read"}': 18,
        'grepd_index_searches_total{outcome="pruned"}': 19,
        'grepd_index_searches_total{outcome="scanned"}': 20,
        'grepd_index_searches_total{outcome="proved_absent"}': 21,
        grepd_index_blocks_read_total: 22,
        grepd_index_blocks_total: 23,
        'grepd_index_builds_total{outcome="built"}': 24,
        'grepd_index_builds_total{outcome="failed"}': 25,
        grepd_index_build_seconds_total: 26.5,
        grepd_index_built_bytes_total: 27,
        grepd_index_rejected_total: 28,
        grepd_index_bytes: 29,
        grepd_sent_bytes_total: 13,
        grepd_workers: 1,
      });
    }
  });

  it('reports the size of the indexes, which the workers share, only once', async () => {
    const workers = await Promise.all([open(), open()].map(({ registry }) => registry.getMetricsAsJSON()));
    const text = await AggregatorRegistry.aggregate(workers).metrics();
    expect(text)
      .to.match(/^grepd_index_bytes 29$/m)
      .and.match(/^grepd_catalog_folders 28$/m);
  });

  it('counts requests and their durations', async () => {
    const metrics = open();
    for (const ms of [0.4, 30, 20_000])
      metrics.recordRequest({ route: '/x', action: 'search', status: 200, ms, key: undefined });
    metrics.recordRequest({ route: '/x', action: 'search', status: 503, ms: 1, key: 'reader' });
    const values = await valuesOf(metrics);
    const labels = 'route="/x",action="search"';
    expect(values).to.include({
      [`grepd_requests_total{${labels},status="200"}`]: 3,
      [`grepd_requests_total{${labels},status="503"}`]: 1,
      [`grepd_request_duration_seconds_count{${labels}}`]: 4,
      'grepd_worker_requests_total{worker="7"}': 4,
      'grepd_key_requests_total{key="reader"}': 1,
    });
    const buckets = DURATION_BUCKETS.map((le) => values[`grepd_request_duration_seconds_bucket{le="${le}",${labels}}`]);
    expect(buckets.slice(0, 2)).to.deep.equal([1, 2]);
    expect(buckets.at(-1)).to.equal(3);
    expect(values[`grepd_request_duration_seconds_sum{${labels}}`]).to.be.closeTo(20.0314, 1e-9);
  });

  it('measures the event loop delay', async () => {
    const metrics = open();
    await new Promise((resolve) => setTimeout(resolve, 50));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const delay = (await valuesOf(metrics))['grepd_worker_event_loop_delay_seconds{worker="7",quantile="1"}'];
    expect(delay).to.be.above(0.1);
  });

  it("omits the memory of the worker if it can't be read", async () => {
    const name = 'grepd_worker_memory_bytes{worker="7"}';
    const metrics = open();
    expect((await valuesOf(metrics))[name]).to.be.above(0);
    const rss = sinon.stub(process.memoryUsage, 'rss').throws(new Error('EMFILE'));
    try {
      const values = await valuesOf(metrics);
      expect(values).not.to.have.property(name);
      expect(values).to.include({ grepd_workers: 1 });
    } finally {
      rss.restore();
    }
  });
});
