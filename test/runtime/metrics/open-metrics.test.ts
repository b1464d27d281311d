import { expect } from 'chai';
import { pino } from 'pino';
import { createAnswerCounts } from '../../../src/http/api/answer-cache.js';
import { openMetrics } from '../../../src/runtime/metrics/open-metrics.js';
import { createSearchCounts } from '../../../src/search/search-counts.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

describe('openMetrics', () => {
  let folder: TempFolder;
  beforeEach(async () => {
    folder = await tempFolder();
  });
  afterEach(() => folder.remove());

  const open = (path: string | undefined) =>
    openMetrics({
      directory: path,
      log: pino({ level: 'silent' }),
      searches: createSearchCounts(),
      answers: createAnswerCounts(),
      sentBytes: () => 0,
    });

  it('reports whether the metrics are those of all workers', async () => {
    const alone = await open(undefined);
    expect((await alone.gather()).text).to.include('grepd_metrics_complete 0');
    const { gather, close } = await open(folder.path);
    expect((await gather()).text).to.include('grepd_metrics_complete 1');
    await folder.remove();
    expect((await gather()).text).to.include('grepd_metrics_complete 0');
    await close();
  });
});
