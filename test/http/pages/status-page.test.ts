import { expect } from 'chai';
import { openAssets } from '../../../src/http/pages/assets.js';
import { renderStatusPage } from '../../../src/http/pages/status-page.js';
import { type MetricName, metricTable } from '../../../src/runtime/metrics/metrics.js';

interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

describe('the status page', () => {
  const assets = openAssets();

  /** Returns the tiles by title: what they show, and the data of their charts. */
  async function tilesFor(samples: Sample[]): Promise<Record<string, { data: string; text: string }>> {
    const page = renderStatusPage(await assets, samples);
    const tiles = page.matchAll(/<li (data-[^>]*)><span class="hint">(.*?)<\/span> <b>(.*?)<\/b>/g);
    return Object.fromEntries([...tiles].map(([, data = '', title, text = '']) => [title, { data, text }]));
  }

  function sample(name: MetricName, value: number, labels: Record<string, string> = {}): Sample {
    expect(Object.keys(labels), name).to.have.members(metricTable[name].labels ?? []);
    return { name, labels, value };
  }

  it('shows what the folder catalog holds, added up over the workers', async () => {
    const tiles = await tilesFor([
      sample('grepd_catalog_folders', 2),
      sample('grepd_catalog_folders', 1),
      sample('grepd_catalog_files', 12_345),
      sample('grepd_catalog_packed_bytes', 4_300_000),
      sample('grepd_catalog_lookups_total', 87, { outcome: 'unchanged' }),
      sample('grepd_catalog_lookups_total', 13, { outcome: 'read' }),
    ]);
    expect(tiles).to.deep.include({
      'Known folders, files': { data: 'data-gauge="12345"', text: '3, 12,345' },
      'Folders found unchanged': { data: 'data-count="8700" data-per="100" data-unit=" %"', text: '87 %' },
      'Packed folders': { data: 'data-gauge="4300000"', text: '4.3 MB' },
    });
  });

  it('shows how searches with an index were answered, and its size', async () => {
    const tiles = await tilesFor([
      sample('grepd_index_searches_total', 62, { outcome: 'pruned' }),
      sample('grepd_index_searches_total', 34, { outcome: 'scanned' }),
      sample('grepd_index_searches_total', 4, { outcome: 'proved_absent' }),
      sample('grepd_index_bytes', 68_000_000),
    ]);
    expect(tiles).to.deep.include({
      'Index: pruned, proved absent': { data: 'data-count="6600" data-per="100" data-unit=" %"', text: '62 %, 4 %' },
      'Index size': { data: 'data-gauge="68000000"', text: '68.0 MB' },
    });
  });

  it('shows the share of cache hits', async () => {
    const tiles = await tilesFor([sample('grepd_cache_hits_total', 1), sample('grepd_cache_misses_total', 2)]);
    expect(tiles).to.deep.include({
      'Cache hits': { data: 'data-count="100" data-per="3" data-unit=" %"', text: '33 %' },
    });
  });

  it('shows a dash for a share of nothing', async () => {
    const tiles = await tilesFor([]);
    expect(tiles['Cache hits']?.text).to.equal('–');
    expect(tiles['Folders found unchanged']?.text).to.equal('–');
    expect(tiles['Index: pruned, proved absent']?.text).to.equal('–');
  });
});
