import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type MetricName, metricTable } from '../../src/runtime/metrics/metrics.js';
import { PROJECT } from '../helpers/project.js';

interface Dashboard {
  panels: { id: number; title: string; targets: { expr: string; legendFormat: string }[] }[];
  templating: { list: { query: string }[] };
}

/** Labels that Prometheus adds to scraped series, and to those of a histogram. */
const ADDED_LABELS = ['instance', 'le'];

describe('the Grafana dashboard', () => {
  const dashboard = JSON.parse(readFileSync(join(PROJECT, 'deploy/grafana.json'), 'utf8')) as Dashboard;
  const queries = [
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ...dashboard.templating.list.map(({ query }) => query).filter((query) => query.includes('grepd')),
  ];
  const namesIn = (query: string) => query.match(/grepd_\w+/g) ?? [];

  /** Returns the metric of a series. A histogram has three series. */
  function metricOf(series: string): MetricName | undefined {
    const name = series in metricTable ? series : series.replace(/_(bucket|sum|count)$/, '');
    if (!(name in metricTable)) return undefined;
    const isHistogram = metricTable[name as MetricName].type === 'histogram';
    return isHistogram === (name !== series) ? (name as MetricName) : undefined;
  }

  it('queries every metric of the table, and no other', () => {
    const queried = queries.flatMap(namesIn);
    for (const name of queried) expect(metricOf(name), name).to.not.equal(undefined);
    expect(new Set(queried.map(metricOf))).to.deep.equal(new Set(Object.keys(metricTable)));
  });

  it('uses only labels that the metrics have', () => {
    const used = (query: string) => [
      ...[...query.matchAll(/by \(([^)]*)\)/g)].flatMap(([, labels = '']) => labels.split(', ')),
      ...[...query.matchAll(/(\w+)=~?"/g)].map(([, label = '']) => label),
    ];
    for (const query of queries) {
      const known = namesIn(query).flatMap((series) => {
        return metricTable[metricOf(series) as MetricName].labels ?? [];
      });
      for (const label of used(query)) expect([...known, ...ADDED_LABELS], query).to.include(label);
    }
  });

  it('takes the rate of counters only', () => {
    for (const query of queries) {
      for (const [before, series = ''] of query.matchAll(/(?:rate\(|increase\(|[^(]\(|^|[^\w(])(grepd_\w+)/g)) {
        const { type } = metricTable[metricOf(series) as MetricName];
        expect(/rate\(|increase\(/.test(before), query).to.equal(type !== 'gauge');
      }
    }
  });

  it('has panels with unique ids and titles', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).to.equal(panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).to.equal(panels.length);
    for (const { targets } of panels) for (const { legendFormat } of targets) expect(legendFormat).to.not.equal('');
  });
});
