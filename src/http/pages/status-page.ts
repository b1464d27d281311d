// The status of the service. A script keeps its numbers up to date and adds charts.
import type { MetricSample } from '../../runtime/metrics/metrics-exchange.js';
import { routes } from '../routes.js';
import type { Assets } from './assets.js';
import { type Html, html } from './html.js';
import { renderBytes, renderMs, renderNumber } from './numbers.js';
import { renderPage } from './page.js';

export function renderStatusPage(assets: Assets, samples: readonly MetricSample[]): string {
  const total = (name: string, labels: Record<string, string> = {}) =>
    samples
      .filter((sample) => sample.name === name)
      .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
      .reduce((sum, { value }) => sum + value, 0);
  const requests = total('grepd_request_duration_seconds_count');
  const seconds = total('grepd_request_duration_seconds_sum');
  const failed = samples
    .filter(({ name, labels }) => name === 'grepd_requests_total' && Number(labels.status) >= 500)
    .reduce((sum, { value }) => sum + value, 0);
  const hits = total('grepd_cache_hits_total');
  const cacheable = hits + total('grepd_cache_misses_total');
  const unchanged = total('grepd_catalog_lookups_total', { outcome: 'unchanged' });
  const lookUps = total('grepd_catalog_lookups_total');
  const folders = total('grepd_catalog_folders');
  const files = total('grepd_catalog_files');
  const packedBytes = total('grepd_catalog_packed_bytes');
  const indexed = (outcome: string) => total('grepd_index_searches_total', { outcome });
  const pruned = indexed('pruned');
  const absent = indexed('proved_absent');
  const indexedSearches = pruned + absent + indexed('scanned');
  const indexBytes = total('grepd_index_bytes');
  const running = total('grepd_searches_running');
  const waiting = total('grepd_searches_waiting');
  return renderPage(assets, {
    title: 'Status – grepd',
    scripts: ['status-page.js'],
    body: html`<h1>Status</h1>
<div id="status">
<ul class="tiles">
${renderTile('Requests', { count: requests, unit: ' per second' }, renderNumber(requests))}
${renderTile('Mean latency', { count: 1000 * seconds, per: requests, unit: ' ms' }, requests === 0 ? '–' : renderMs((1000 * seconds) / requests))}
${renderTile('Failed (5xx)', { count: failed, unit: ' per second' }, renderNumber(failed))}
${renderTile('Cache hits', { count: 100 * hits, per: cacheable, unit: ' %' }, renderShare(hits, cacheable))}
${renderTile('Searches running, waiting', { gauge: running + waiting }, `${renderNumber(running)}, ${renderNumber(waiting)}`)}
${renderTile('Cache size', { gauge: total('grepd_cache_bytes') }, renderBytes(total('grepd_cache_bytes')))}
${renderTile('Known folders, files', { gauge: files }, `${renderNumber(folders)}, ${renderNumber(files)}`)}
${renderTile('Folders found unchanged', { count: 100 * unchanged, per: lookUps, unit: ' %' }, renderShare(unchanged, lookUps))}
${renderTile('Packed folders', { gauge: packedBytes }, renderBytes(packedBytes))}
${renderTile('Index: pruned, proved absent', { count: 100 * (pruned + absent), per: indexedSearches, unit: ' %' }, indexedSearches === 0 ? '–' : `${renderShare(pruned, indexedSearches)}, ${renderShare(absent, indexedSearches)}`)}
${renderTile('Index size', { gauge: indexBytes }, renderBytes(indexBytes))}
</ul>
<h2>Workers</h2>
${renderWorkers(samples)}
</div>
<p class="hint">Totals include those of workers that have been replaced. More: <a href="${routes.metrics.path}">all metrics</a>, for Prometheus.</p>`,
  });
}

/** What a chart shows: a gauge, or the rate of a counter, per second or per another counter. */
type Series = { count: number; per?: number; unit: string } | { gauge: number };

function renderTile(title: string, series: Series, value: string): Html {
  const data =
    'gauge' in series
      ? html`data-gauge="${series.gauge}"`
      : html`data-count="${series.count}"${series.per === undefined ? '' : html` data-per="${series.per}"`} data-unit="${series.unit}"`;
  return html`<li ${data}><span class="hint">${title}</span> <b>${value}</b> <span class="current"></span></li>`;
}

/** `87 %`; `–` of nothing */
function renderShare(part: number, whole: number): string {
  return whole === 0 ? '–' : `${Math.round((100 * part) / whole)} %`;
}

function renderWorkers(samples: readonly MetricSample[]): Html {
  const uptimes = samples.filter(({ name }) => name === 'grepd_worker_uptime_seconds');
  const rows = uptimes.map(({ labels: { worker = '' }, value: uptime }) => {
    const read = (name: string, quantile?: string) =>
      samples.find(
        (sample) =>
          sample.name === name &&
          sample.labels.worker === worker &&
          (quantile === undefined || sample.labels.quantile === quantile),
      )?.value ?? 0;
    const delayMs = 1000 * read('grepd_worker_event_loop_delay_seconds', '0.99');
    return html`<tr><td>${worker}</td><td>${renderTime(uptime)}</td><td>${renderNumber(read('grepd_worker_requests_total'))}</td><td>${renderBytes(read('grepd_worker_memory_bytes'))}</td><td>${renderTime(read('grepd_worker_cpu_seconds_total'))}</td><td>${renderMs(delayMs)}</td></tr>\n`;
  });
  return html`<table><thead><tr><th>process</th><th>up</th><th>requests</th><th>memory</th><th>CPU</th><th>event loop delay</th></tr></thead><tbody>
${rows}</tbody></table>`;
}

/** `3 d 4 h`, `12 min 5 s` */
function renderTime(seconds: number): string {
  const units: [string, number][] = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ];
  const index = units.findIndex(([, size]) => seconds >= size);
  if (index === -1) return '0 s';
  const [[unit, size], nextUnit] = [units[index] as [string, number], units[index + 1]];
  const remainder = nextUnit === undefined ? 0 : Math.floor((seconds % size) / nextUnit[1]);
  return `${Math.floor(seconds / size)} ${unit}${remainder === 0 ? '' : ` ${remainder} ${nextUnit?.[0]}`}`;
}
