import { createHash } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { ApiKeys, createApiKey, parseApiKeys } from '../../src/auth/api-keys.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

const lineOf = (name: string, key: string) => `${name} ${createHash('sha256').update(key).digest('hex')}`;

describe('parseApiKeys', () => {
  it('parses a name and a hash per line, and ignores comments, empty lines and whitespace', () => {
    const text = `# who\n\n${lineOf('reader', 'a')}\r\n  ${lineOf('other-1.x_y', 'b').toUpperCase().replace('OTHER-1.X_Y', 'other-1.x_y')}\t\n   # end`;
    expect(parseApiKeys(text).map(({ name, hash }) => [name, hash.toString('hex')])).to.deep.equal([
      lineOf('reader', 'a').split(' '),
      lineOf('other-1.x_y', 'b').split(' '),
    ]);
    expect(parseApiKeys('')).to.deep.equal([]);
  });

  for (const [title, line] of [
    ['no hash', 'reader'],
    ['a hash that is too short', 'reader abcd'],
    ['extra text', `${lineOf('reader', 'a')} more`],
    ['a name that needs escaping in logs', lineOf('rea"der', 'a')],
    ['the hash of an empty key', lineOf('empty', '').toUpperCase().replace('EMPTY', 'empty')],
    ['a repeated name', `${lineOf('first', 'b')}`],
  ] as const) {
    it(`names the invalid line, but not its content: ${title}`, () => {
      const parse = () => parseApiKeys(`${lineOf('first', 'a')}\n${line}\n`);
      expect(parse).to.throw(/^line 2 /);
      expect(parse).to.not.throw(/abcd|rea"der/);
    });
  }
});

describe('ApiKeys', () => {
  let folder: TempFolder;
  let clock: SinonFakeTimers;
  let events: { msg: string }[];
  const log = () => {
    events = [];
    return pino({ level: 'info' }, { write: (line: string) => events.push(JSON.parse(line)) });
  };
  const path = () => join(folder.path, 'keys');
  beforeEach(async () => {
    folder = await tempFolder();
    clock = useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(async () => {
    clock.restore();
    await folder.remove();
  });

  it('returns the names of its keys, and of no others', async () => {
    const { key, line } = createApiKey('made');
    await writeFile(path(), `${lineOf('one', 'key one')}\n${line}\n`);
    const keys = new ApiKeys(path(), log());
    expect(key).to.match(/^[\w-]{43}$/);
    expect(
      ['key one', key, 'key on', 'key one ', 'KEY ONE', line].map((candidate) => keys.find(candidate)?.name),
    ).to.deep.equal(['one', 'made', undefined, undefined, undefined, undefined]);
    expect(createApiKey('made').key).to.not.equal(key);
  });

  it('reloads a changed file, and keeps the keys if it is invalid or gone', async () => {
    await writeFile(path(), lineOf('one', 'a'));
    const keys = new ApiKeys(path(), log());
    const now = () => ['a', 'b'].map((key) => keys.find(key)?.name);
    expect(now()).to.deep.equal(['one', undefined]);
    await writeFile(join(folder.path, 'new'), lineOf('two', 'b'));
    await rename(join(folder.path, 'new'), path());
    // The file is checked once per second.
    clock.tick(999);
    expect(now()).to.deep.equal(['one', undefined]);
    clock.tick(1);
    expect(now()).to.deep.equal([undefined, 'two']);
    await writeFile(path(), 'not a key');
    clock.tick(1_000);
    expect(now()).to.deep.equal([undefined, 'two']);
    await rm(path());
    clock.tick(1_000);
    expect(now()).to.deep.equal([undefined, 'two']);
    await writeFile(path(), lineOf('one', 'a'));
    clock.tick(1_000);
    expect(now()).to.deep.equal(['one', undefined]);
    const rejected = 'API keys not reloaded: the previous keys stay valid';
    const reloaded = 'API keys reloaded';
    expect(events.map(({ msg }) => msg)).to.deep.equal([reloaded, rejected, rejected, reloaded]);
  });

  it('rejects every key and logs a warning once its file has no keys', async () => {
    await writeFile(path(), lineOf('one', 'a'));
    const keys = new ApiKeys(path(), log());
    expect(keys.find('a')?.name).to.equal('one');
    await writeFile(path(), '# nobody\n');
    clock.tick(1_000);
    expect(keys.find('a')?.name).to.equal(undefined);
    expect(events.map(({ msg }) => msg)).to.deep.equal(['no API keys left: every request is rejected']);
    await writeFile(path(), lineOf('one', 'a'));
    clock.tick(1_000);
    expect(keys.find('a')?.name).to.equal('one');
  });

  it('throws if the file is missing or invalid at first', async () => {
    expect(() => new ApiKeys(path(), log())).to.throw('ENOENT');
    await writeFile(path(), 'not a key');
    expect(() => new ApiKeys(path(), log())).to.throw('line 1');
  });
});
