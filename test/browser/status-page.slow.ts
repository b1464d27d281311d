import { expect } from 'chai';
import type { MetricSample } from '../../src/runtime/metrics/metrics-exchange.js';
import { inBrowser } from '../helpers/browser.js';
import { useApp } from '../helpers/use-app.js';

inBrowser('the status page in a browser', ({ open }) => {
  let requests = 0;
  const suite = useApp({
    metrics: async () => {
      requests += 50;
      const worker = { worker: '7' };
      const samples: MetricSample[] = [
        { name: 'grepd_request_duration_seconds_count', labels: { route: '/a', action: '' }, value: requests },
        { name: 'grepd_request_duration_seconds_sum', labels: { route: '/a', action: '' }, value: requests * 0.004 },
        { name: 'grepd_requests_total', labels: { route: '/a', action: '', status: '503' }, value: 2 },
        { name: 'grepd_requests_total', labels: { route: '/a', action: '', status: '200' }, value: requests },
        { name: 'grepd_cache_hits_total', labels: {}, value: 30 },
        { name: 'grepd_cache_misses_total', labels: {}, value: 10 },
        { name: 'grepd_searches_running', labels: {}, value: 3 },
        { name: 'grepd_searches_waiting', labels: {}, value: 4 },
        { name: 'grepd_cache_bytes', labels: {}, value: 5_000_000 },
        { name: 'grepd_catalog_folders', labels: {}, value: 3 },
        { name: 'grepd_catalog_files', labels: {}, value: 12_345 },
        { name: 'grepd_catalog_lookups_total', labels: { outcome: 'unchanged' }, value: 87 },
        { name: 'grepd_catalog_lookups_total', labels: { outcome: 'read' }, value: 13 },
        { name: 'grepd_catalog_packed_bytes', labels: {}, value: 4_300_000 },
        { name: 'grepd_index_searches_total', labels: { outcome: 'pruned' }, value: 62 },
        { name: 'grepd_index_searches_total', labels: { outcome: 'proved_absent' }, value: 38 },
        { name: 'grepd_index_bytes', labels: {}, value: 68_000_000 },
        { name: 'grepd_worker_uptime_seconds', labels: worker, value: 90_061 },
        { name: 'grepd_worker_requests_total', labels: worker, value: 1_234 },
        { name: 'grepd_worker_memory_bytes', labels: worker, value: 100_000_000 },
        { name: 'grepd_worker_cpu_seconds_total', labels: worker, value: 61 },
        { name: 'grepd_worker_event_loop_delay_seconds', labels: { ...worker, quantile: '0.99' }, value: 0.0021 },
      ];
      return { text: '', samples };
    },
  });
  beforeEach(() => {
    requests = 0;
  });

  it('shows the status without scripts', async () => {
    const page = await open(`${suite.url}/status`, { javaScriptEnabled: false });
    const tiles = await page.locator('.tiles li').allInnerTexts();
    expect(tiles.map((tile) => tile.trim().replace(/\s+/g, ' '))).to.deep.equal([
      'Requests 50',
      'Mean latency 4 ms',
      'Failed (5xx) 2',
      'Cache hits 75 %',
      'Searches running, waiting 3, 4',
      'Cache size 5.0 MB',
      'Known folders, files 3, 12,345',
      'Folders found unchanged 87 %',
      'Packed folders 4.3 MB',
      'Index: pruned, proved absent 62 %, 38 %',
      'Index size 68.0 MB',
    ]);
    const [worker] = await page.locator('tbody tr').allInnerTexts();
    expect(worker?.split(/\t/)).to.deep.equal(['7', '1 d 1 h', '1,234', '100 MB', '1 min 1 s', '3 ms']);
  });

  it('draws charts of rates while it is open', async () => {
    const page = await open(`${suite.url}/status`);
    await page.clock.install();
    for (let times = 0; times < 3; times += 1) {
      const isAnswered = page.waitForResponse(/status$/);
      await page.clock.runFor(2_000);
      await isAnswered;
      await page
        .getByText(`${(times + 2) * 50}`, { exact: true })
        .first()
        .waitFor();
    }
    const tile = page.locator('.tiles li').first();
    await tile.locator('polyline').waitFor();
    const points = (await tile.locator('polyline').getAttribute('points'))?.split(' ');
    expect(points).to.have.length(3);
    expect(await tile.locator('.current').textContent()).to.match(/^now \d+\.\d per second$/);
    expect(await page.locator('.tiles li').nth(1).locator('.current').textContent()).to.equal('now 4.0 ms');
  });
});
