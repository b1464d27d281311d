// Runs the contract of all engines, and generated queries, against a real cluster.
import type { ClusterWriter } from '../../../../src/search/engines/clickhouse/load/cluster-writer.js';
import { openEngine } from '../../../../src/search/open-engine.js';
import { describeWithClickHouse, type Nodes, startNodes } from '../../../helpers/clickhouse.js';
import { loadFolder, openWriter, publish } from '../../../helpers/load-folder.js';
import { engineOptions } from '../../../helpers/queries.js';
import { differential } from '../differential.js';
import { engineContract } from '../engine-contract.js';

for (const [title, shards] of [
  ['one ClickHouse node', [1]],
  ['three shards', [1, 1, 1]],
] as const) {
  describeWithClickHouse(title, function () {
    this.timeout(60_000);
    let nodes: Nodes;
    let writer: ClusterWriter;
    before(async () => {
      nodes = await startNodes(shards);
    });
    after(async () => {
      await writer.close();
      await nodes.leave();
    });

    differential(title, {
      open: async (dictionariesDir) => {
        // A separate database, because the contract lists all dictionaries.
        const urls = nodes.urls.map((url) => `${url}/generated`);
        writer = await openWriter({ ...nodes, urls });
        return openEngine(engineOptions({ dictionariesDir, engine: 'clickhouse', urls, searchQueue: 100 }));
      },
      publish: (dictionariesDir, name) => publish(dictionariesDir, name, writer),
      // A query takes a cluster much longer than grep takes for a file.
      runs: 12,
    });

    engineContract(title, async (dictionariesDir) => {
      await loadFolder(dictionariesDir, nodes);
      return openEngine(
        engineOptions({ dictionariesDir, defaultDictionary: 'plain.txt', engine: 'clickhouse', urls: nodes.urls }),
      );
    });
  });
}
