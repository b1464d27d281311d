import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { shareChoice } from '../../src/runtime/shared-choice.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

describe('shareChoice', () => {
  let folder: TempFolder;
  let logged: string[];
  const log = pino({ level: 'trace' }, { write: (line) => logged.push(JSON.parse(line).msg) });
  beforeEach(async () => {
    folder = await tempFolder();
    logged = [];
  });
  afterEach(() => folder.remove());

  const among = (...names: string[]) => ({
    has: async (name: string) => names.includes(name),
    first: async () => names[0],
  });
  const worker = (startId?: string, previousStartId?: string) =>
    shareChoice({ directory: folder.path, startId, previousStartId, log });

  it('returns the choice of the first worker, whatever the candidates of the others are', async () => {
    expect(await worker('1')(among())).to.equal(undefined);
    expect(await worker('1')(among('b', 'c'))).to.equal('b');
    expect(await worker('1')(among('a', 'b'))).to.equal('b');
    expect(await worker('1')(among('a'))).to.equal('b');
    expect(await worker('1')(among())).to.equal('b');
  });

  it('returns one choice when all workers choose at the same time', async () => {
    const names = Array.from({ length: 20 }, (_, at) => `${at}`);
    const chosen = await Promise.all(names.map((name) => worker('1')(among(name))));
    expect(new Set(chosen).size).to.equal(1);
    expect(await readdir(folder.path)).to.have.length(1);
  });

  it('chooses again after a start, but keeps the choice after a reload while it is a candidate', async () => {
    expect(await worker('1')(among('b'))).to.equal('b');
    expect(await worker('2')(among('a', 'b'))).to.equal('a');
    expect(await worker('3', '1')(among('a', 'b'))).to.equal('b');
    expect(await worker('4', '3')(among('a', 'c'))).to.equal('a');
    expect(await worker('4', '3')(among('b'))).to.equal('a');
    expect(await worker('5', 'unknown')(among('c'))).to.equal('c');
  });

  it('chooses per worker without a shared directory, and logs one that it cannot write to', async () => {
    expect(await worker()(among('b'))).to.equal('b');
    expect(await worker()(among('a'))).to.equal('a');
    expect(await shareChoice({ directory: undefined, startId: '1', previousStartId: '', log })(among('a'))).to.equal(
      'a',
    );
    expect(logged).to.deep.equal([]);
    const missing = join(folder.path, 'missing');
    await writeFile(missing, '');
    expect(await shareChoice({ directory: missing, startId: '1', previousStartId: '', log })(among('a'))).to.equal('a');
    expect(logged).to.deep.equal(['default dictionary not shared between workers']);
    await rm(missing);
  });
});
