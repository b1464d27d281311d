// After a load, the cluster has exactly what the files have, whatever happens during the load.
import { createHash } from 'node:crypto';
import { copyFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { collect, type SearchEngine } from '../../../../../src/search/engine.js';
import type { ClusterWriter } from '../../../../../src/search/engines/clickhouse/load/cluster-writer.js';
import { drop, list, load } from '../../../../../src/search/engines/clickhouse/load/load.js';
import { encodeQuote } from '../../../../../src/search/engines/clickhouse/storage/quote-column.js';
import { RowWriter } from '../../../../../src/search/engines/clickhouse/storage/row-writer.js';
import { SHARD_LINES } from '../../../../../src/search/engines/clickhouse/storage/schema.js';
import { openEngine } from '../../../../../src/search/open-engine.js';
import { describeWithClickHouse, type Nodes, startNodes } from '../../../../helpers/clickhouse.js';
import { loadFolder, loadOptions, noObserver, openWriter } from '../../../../helpers/load-folder.js';
import { allQuery, engineOptions, searchQuery } from '../../../../helpers/queries.js';
import { type TempFolder, tempFolder } from '../../../../helpers/temp-folder.js';
import { codeOf } from '../../engine-contract.js';

describeWithClickHouse('load', function () {
  this.timeout(120_000);
  let nodes: Nodes;
  let writer: ClusterWriter;
  let folder: TempFolder;
  let engine: SearchEngine;
  before(async () => {
    nodes = await startNodes([1, 1]);
  });
  after(() => nodes.leave());
  beforeEach(async () => {
    folder = await tempFolder();
    writer = await openWriter(nodes);
    engine = await openEngine(engineOptions({ dictionariesDir: folder.path, engine: 'clickhouse', urls: nodes.urls }));
  });
  afterEach(async () => {
    const names = (await list(writer)).map(({ name }) => name);
    await drop(names, { ...loadOptions(folder.path), writer, heartbeatTimeoutMs: 0 }, noObserver);
    expect(await writer.generations()).to.deep.equal([]);
    await writer.close();
    await engine.close();
    await folder.remove();
  });

  const never = new AbortController().signal;
  const write = (name: string, text: string | Buffer) => writeFile(join(folder.path, name), text);
  const loadAll = (...names: string[]) => loadFolder(folder.path, nodes, names);
  const count = async (term: string, dictionary: string) =>
    (await collect(engine.search(searchQuery({ term, dictionary, nresults: 1 }), never))).nrOfEntries;
  /** More lines than one block, so that they are on several shards. */
  const manyLines = (text: string) => Array.from({ length: 2.5 * SHARD_LINES }, (_, n) => `${text} ${n}\n`).join('');

  it('records the lines, bytes and checksum of a dictionary', async () => {
    await write('a.txt', 'one\r\ntwo\n\nthree');
    await write('b.txt.gz', gzipSync('caf\u00e9\n'));
    const { areAllLoaded, outcomes } = await loadAll();
    expect(areAllLoaded).to.equal(true);
    expect([...outcomes.keys()]).to.have.members(['a.txt', 'b.txt.gz']);
    const all = await list(writer);
    expect(all.map(({ name, state, lines, bytes }) => [name, state, lines, bytes])).to.deep.equal([
      ['a.txt', 'published', 4, 11],
      ['b.txt.gz', 'published', 1, 5],
    ]);
    // Different texts have different checksums.
    expect(all[0]?.checksum).to.match(/^\d+$/).and.not.equal(all[1]?.checksum);
  });

  it('distributes blocks of lines over the shards', async () => {
    await write('many.txt', manyLines('line'));
    await loadAll();
    expect(await count('line', 'many.txt')).to.equal(2.5 * SHARD_LINES);
    expect((await loadAll()).outcomes.get('many.txt')).to.include({ outcome: 'unchanged' });
    const misplaced = await writer.rows<[string]>(
      `SELECT countIf(cityHash64(generation, intDiv(line - 1, ${SHARD_LINES})) % 2 != _shard_num - 1) FROM clusterAllReplicas('test', grepd, lines_local)`,
    );
    expect(misplaced).to.deep.equal([['0']]);
  });

  it('loads only dictionaries that have changed', async () => {
    await write('a.txt', 'one\n');
    await write('b.txt', 'two\n');
    await loadAll();
    await write('b.txt', 'six\n');
    const { outcomes } = await loadAll();
    expect([...outcomes].map(([name, { outcome }]) => [name, outcome])).to.have.deep.members([
      ['a.txt', 'unchanged'],
      ['b.txt', 'loaded'],
    ]);
    expect(await count('six', 'b.txt')).to.equal(1);
    expect(await writer.generations()).to.have.length(2);
    await utimes(join(folder.path, 'a.txt'), 5, 5);
    expect((await loadAll('a.txt')).outcomes.get('a.txt')).to.include({ outcome: 'loaded' });
  });

  it('reloads what an earlier version has loaded with its byte order mark', async () => {
    await write('a.txt', '\ufeffone\ntwo\n');
    await utimes(join(folder.path, 'a.txt'), 5, 5);
    const sums = { lines: 2, bytes: 9, checksum: '0' };
    const generation = 1;
    const rows = new RowWriter(generation);
    for (const [at, text] of ['\ufeffone', 'two'].entries()) rows.add(at + 1, encodeQuote(1, true), Buffer.from(text));
    await writer.insertLines(rows.take(), 'earlier');
    const file = { path: 'a.txt', bytes: 11, modifiedMs: 5_000, linesBefore: 0, quotesBefore: 0, lines: 2, quotes: 1 };
    const manifest = JSON.stringify({ files: [file], folders: [], modifiedMs: 5_000 });
    const source = createHash('sha256').update(['1', 'a.txt 11 5000'].join('\0')).digest('hex');
    await writer.appendToCatalog({ name: 'a.txt', state: 'published', generation, source, manifest, ...sums });
    const lines = async () => (await collect(engine.all(allQuery({ dictionary: 'a.txt' }), never))).entries;
    expect(await lines()).to.deep.equal(['\ufeffone', 'two']);
    expect((await loadAll()).outcomes.get('a.txt')).to.include({ outcome: 'loaded' });
    expect(await lines()).to.deep.equal(['one', 'two']);
    expect((await loadAll()).outcomes.get('a.txt')).to.include({ outcome: 'unchanged' });
  });

  it('never changes the default dictionary', async () => {
    const all = async () => (await collect(engine.all(allQuery(), never))).entries;
    expect(await codeOf(all())).to.equal('unknown_dictionary');
    await write('b.txt', 'b\n');
    await loadAll();
    await engine.check();
    await write('a.txt', 'a\n');
    await loadAll();
    expect(await all()).to.deep.equal(['b']);
    expect((await engine.dictionaries(never)).default).to.equal('b.txt');
    await drop(['b.txt'], { ...loadOptions(folder.path), writer }, noObserver);
    expect(await codeOf(all())).to.equal('unknown_dictionary');
    expect((await engine.dictionaries(never)).default).to.equal('b.txt');
    // The engine chose this default itself, so its absence is no configuration error.
    await engine.check();
  });

  it('reloads what a node has lost, and rejects searches until then', async () => {
    await write('many.txt', manyLines('line'));
    await loadAll();
    const send = (url: string, body: string) => fetch(url, { method: 'POST', body });
    const [lost] = nodes.urls.slice(1) as [string];
    await send(lost, 'DROP DATABASE grepd SYNC');
    expect(await codeOf(engine.check())).to.equal('engine_unavailable');
    expect(await codeOf(count('line', 'many.txt'))).to.equal('engine_unavailable');
    await writer.close();
    await write('other.txt', 'other\n');
    await loadAll('other.txt');
    // The shards are random: a dictionary that has lost nothing may still be searched.
    const found = await count('line', 'many.txt').catch((error) => error.code);
    expect(found).to.be.oneOf(['unknown_dictionary', 2.5 * SHARD_LINES]);
    const outcome = found === 'unknown_dictionary' ? 'loaded' : 'unchanged';
    expect((await loadAll()).outcomes.get('many.txt')).to.include({ outcome });
    expect(await count('line', 'many.txt')).to.equal(2.5 * SHARD_LINES);
    writer = await openWriter(nodes);
  });

  it('rejects the tables of a single node for a cluster, and vice versa', async () => {
    const urls = nodes.urls.map((url) => `${url}/alone`);
    await (await openWriter({ urls: urls.slice(0, 1), cluster: undefined })).close();
    expect(await codeOrMessage(openWriter({ urls, cluster: nodes.cluster }))).to.equal(
      'The tables in "alone" were created for a single node. Unset CLICKHOUSE_CLUSTER, or use another database.',
    );
    expect(await codeOrMessage(openWriter({ urls: nodes.urls, cluster: undefined }))).to.equal(
      'The tables in "grepd" were created for a cluster. Set CLICKHOUSE_CLUSTER to its name, or use another database.',
    );
  });

  it('removes nothing that another loader has resumed in the meantime', async () => {
    await write('a.txt', 'one\n');
    await write('b.txt', 'two\n');
    const options = { ...loadOptions(folder.path), writer, heartbeatTimeoutMs: 0 };
    const insert = writer.insertLines.bind(writer);
    writer.insertLines = async () => {
      throw new Error('pulled the plug');
    };
    expect(await codeOrMessage(load(['a.txt'], options, noObserver))).to.equal('pulled the plug');
    writer.insertLines = insert;
    const [table] = [writer.tables.catalog];
    // Make the interrupted load look old.
    const local = table.replace('.catalog', '.catalog_local');
    for (const url of nodes.urls) {
      await fetch(url, {
        method: 'POST',
        body: `ALTER TABLE ${local} UPDATE at = at - 200000 WHERE 1 SETTINGS mutations_sync = 2`,
      });
    }
    // One loader is in its grace period while another resumes.
    await Promise.all([
      load(['b.txt'], options, { ...noObserver, onGracePeriod: () => void loadAll('a.txt') }),
      loadAll('a.txt'),
    ]);
    expect(await count('one', 'a.txt')).to.equal(1);
    expect((await loadAll()).outcomes.get('a.txt')).to.include({ outcome: 'unchanged' });
  });

  it('switches searches to a new version atomically', async () => {
    await write('a.txt', manyLines('old'));
    await loadAll();
    await write('a.txt', manyLines('new'));
    let isOver = false;
    const seen = new Set<string>();
    const searching = (async () => {
      while (!isOver) {
        const { nrOfEntries, entries } = await collect(
          engine.search(searchQuery({ syntax: 'regex', term: '(old|new) 7', dictionary: 'a.txt' }), never),
        );
        const words = new Set(entries.map((entry) => String(entry).slice(0, 3)));
        seen.add(`${[...words].join()} ${nrOfEntries}`);
      }
    })();
    // Long enough for the running searches to finish.
    await load([], { ...loadOptions(folder.path), writer, searchTimeoutMs: 3_000 }, noObserver);
    isOver = true;
    await searching;
    const [, number] = [...seen][0]?.split(' ') ?? [];
    expect([...seen]).to.have.members([`old ${number}`, `new ${number}`]);
    expect(await writer.generations()).to.have.length(1);
  });

  it('fails a search in a version that is removed', async () => {
    await write('a.txt', manyLines('a longer line, so that not all of it is in buffers'));
    await loadAll();
    const answer = engine.all(allQuery({ dictionary: 'a.txt' }), never);
    await answer.next();
    await write('a.txt', 'other\n');
    await loadAll();
    expect(await codeOf(collect(answer))).to.equal('dictionary_changed');
    expect(await count('other', 'a.txt')).to.equal(1);
  });

  it('resumes an interrupted load, and sends only what is missing', async () => {
    await write('a.txt', manyLines('line'));
    const options = { ...loadOptions(folder.path), writer };
    const sent: string[] = [];
    const insert = writer.insertLines.bind(writer);
    writer.insertLines = async (rows, token) => {
      sent.push(token);
      if (sent.length === 3) throw new Error('pulled the plug');
      await insert(rows, token);
    };
    expect(await codeOrMessage(load([], options, noObserver))).to.equal('pulled the plug');
    expect(await codeOf(collect(engine.all(allQuery({ dictionary: 'a.txt' }), never)))).to.equal('unknown_dictionary');
    await load([], options, noObserver);
    const [generation] = await writer.generations();
    // Two complete blocks had been inserted.
    expect(sent.slice(0, 3)).to.deep.equal(
      [1, SHARD_LINES + 1, 2 * SHARD_LINES + 1].map((line) => `${generation}:${line}`),
    );
    expect(sent.slice(3)).to.deep.equal([`${generation}:${2 * SHARD_LINES + 1}`]);
    expect(await count('line', 'a.txt')).to.equal(2.5 * SHARD_LINES);
  });

  it('starts over if the files have changed since the interruption, and leaves nothing behind', async () => {
    await write('a.txt', manyLines('line'));
    const options = { ...loadOptions(folder.path), writer };
    const insert = writer.insertLines.bind(writer);
    writer.insertLines = async (rows, token) => {
      await insert(rows, token);
      throw new Error('pulled the plug');
    };
    expect(await codeOrMessage(load([], options, noObserver))).to.equal('pulled the plug');
    writer.insertLines = insert;
    await write('a.txt', 'other\n');
    await load([], options, noObserver);
    expect(await count('other', 'a.txt')).to.equal(1);
    // The interrupted loader may still be alive, until its heartbeat times out.
    expect(await writer.generations()).to.have.length(2);
    await load([], { ...options, heartbeatTimeoutMs: 0 }, noObserver);
    expect(await writer.generations()).to.have.length(1);
  });

  it('gets the same result from concurrent loads of one dictionary', async () => {
    await write('a.txt', manyLines('line'));
    await Promise.all([loadAll(), loadAll(), loadAll()]);
    expect(await count('line', 'a.txt')).to.equal(2.5 * SHARD_LINES);
    await load([], { ...loadOptions(folder.path), writer, heartbeatTimeoutMs: 0 }, noObserver);
    expect(await writer.generations()).to.have.length(1);
    expect(await count('line', 'a.txt')).to.equal(2.5 * SHARD_LINES);
  });

  it('stores lines once that are sent twice', async () => {
    await write('a.txt', 'one\ntwo\n');
    const insert = writer.insertLines.bind(writer);
    writer.insertLines = async (rows, token) => {
      await insert(rows, token);
      await insert(rows, token);
    };
    await load([], { ...loadOptions(folder.path), writer }, noObserver);
    expect(await count('two', 'a.txt')).to.equal(1);
  });

  it('publishes nothing if the cluster has other lines than those sent', async () => {
    await write('a.txt', 'one\ntwo\n');
    const insert = writer.insertLines.bind(writer);
    writer.insertLines = (rows, token) =>
      insert(Buffer.from(rows.toString('latin1').replace('two', 'tow'), 'latin1'), token);
    const failure = await codeOrMessage(load([], { ...loadOptions(folder.path), writer }, noObserver));
    expect(failure).to.match(/^"a.txt" was not published: the cluster has .* instead of 2 lines of 6 bytes/);
    expect(await codeOf(count('one', 'a.txt'))).to.equal('unknown_dictionary');
    // The next load does not resume this one.
    writer.insertLines = insert;
    await loadAll();
    expect(await count('two', 'a.txt')).to.equal(1);
  });

  it('records why a dictionary is broken, and keeps a searchable version', async () => {
    await write('a.txt.gz', 'not compressed at all');
    await write('b.txt', `${'x'.repeat(70 * 2 ** 20)}\n`);
    const { areAllLoaded, outcomes } = await loadAll();
    expect(areAllLoaded).to.equal(false);
    expect(outcomes.get('a.txt.gz')).to.include({ outcome: 'broken' });
    expect(await codeOf(count('x', 'a.txt'))).to.equal('damaged_dictionary');
    expect(await codeOf(count('x', 'b.txt'))).to.equal('damaged_dictionary');
    await write('a.txt.gz', gzipSync('packed\n'));
    await write('b.txt', 'short\n');
    await loadAll();
    await write('a.txt.gz', 'not compressed at all, again');
    expect((await loadAll()).outcomes.get('a.txt.gz')).to.include({ outcome: 'kept' });
    expect(await count('packed', 'a.txt')).to.equal(1);
    expect(await writer.generations()).to.have.length(2);
  });

  it('drops dictionaries', async () => {
    await write('a.txt', 'one\n');
    await write('b.txt', 'two\n');
    await loadAll();
    const options = { ...loadOptions(folder.path), writer };
    expect(await codeOrMessage(drop(['c.txt'], options, noObserver))).to.equal(
      'The cluster has no dictionary named "c.txt".',
    );
    await drop(['a.txt'], options, noObserver);
    expect(await codeOf(count('one', 'a.txt'))).to.equal('unknown_dictionary');
    expect((await engine.dictionaries(never)).dictionaries.map(({ name }) => name)).to.deep.equal(['b.txt']);
    expect(await writer.generations()).to.have.length(1);
    // They can be loaded again.
    await loadAll();
    expect(await count('one', 'a.txt')).to.equal(1);
  });

  it('rejects names that are not dictionaries', async () => {
    await write('a.txt', 'one\n');
    expect(await codeOrMessage(loadAll('nope.txt'))).to.match(/^There is no dictionary named "nope.txt" in /);
    expect(await codeOrMessage(loadAll('a/b.txt'))).to.equal('"a/b.txt" is part of the dictionary "a". Load "a".');
  });

  it('fails if a file changes while it is read', async () => {
    await write('a.txt', manyLines('line'));
    const insert = writer.insertLines.bind(writer);
    writer.insertLines = async (rows, token) => {
      await writeFile(join(folder.path, 'a.txt'), 'x', { flag: 'a' });
      await insert(rows, token);
    };
    const failure = await codeOrMessage(load([], { ...loadOptions(folder.path), writer }, noObserver));
    expect(failure).to.equal('The file "a.txt" changed while it was being loaded. Run npm run load again.');
    writer.insertLines = insert;
    await copyFile(join(folder.path, 'a.txt'), join(folder.path, 'b.txt'));
    await rm(join(folder.path, 'a.txt'));
    await loadAll();
    expect((await list(writer)).map(({ name }) => name)).to.deep.equal(['b.txt']);
  });
});

async function codeOrMessage(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'nothing failed',
    (error) => (error as Error).message,
  );
}
