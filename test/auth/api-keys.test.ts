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
  it('reads a name and a hash a line, whatever is around them', () => {
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
    ['something more', `${lineOf('reader', 'a')} more`],
    ['a name that logs could not bear', lineOf('rea"der', 'a')],
    ['the hash of an empty key', lineOf('empty', '').toUpperCase().replace('EMPTY', 'empty')],
    ['a name twice', `${lineOf('first', 'b')}`],
  ] as const) {
    it(`says which line is wrong, and not what it holds: ${title}`, () => {
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

  it('knows the names of its keys, and no others', async () => {
    const { key, line } = createApiKey('made');
    await writeFile(path(), `${lineOf('one', 'key one')}\n${line}\n`);
    const keys = new ApiKeys(path(), log());
    expect(key).to.match(/^[\w-]{43}$/);
    expect(['key one', key, 'key on', 'key one ', 'KEY ONE', line].map((given) => keys.nameOf(given))).to.deep.equal([
      'one',
      'made',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(createApiKey('made').key).to.not.equal(key);
  });

  it('reads its file again when that has changed, and keeps what it knows where that is wrong or gone', async () => {
    await writeFile(path(), lineOf('one', 'a'));
    const keys = new ApiKeys(path(), log());
    const now = () => ['a', 'b'].map((key) => keys.nameOf(key));
    expect(now()).to.deep.equal(['one', undefined]);
    await writeFile(join(folder.path, 'new'), lineOf('two', 'b'));
    await rename(join(folder.path, 'new'), path());
    // Not at each request.
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
    const wrong = 'the file of API keys can not be used: the keys remain as they were';
    const again = 'API keys read again';
    expect(events.map(({ msg }) => msg)).to.deep.equal([again, wrong, wrong, again]);
  });

  it('rejects every key and logs a warning once its file has no keys', async () => {
    await writeFile(path(), lineOf('one', 'a'));
    const keys = new ApiKeys(path(), log());
    expect(keys.nameOf('a')).to.equal('one');
    await writeFile(path(), '# nobody\n');
    clock.tick(1_000);
    expect(keys.nameOf('a')).to.equal(undefined);
    expect(events.map(({ msg }) => msg)).to.deep.equal(['no API keys left: every request is rejected']);
    await writeFile(path(), lineOf('one', 'a'));
    clock.tick(1_000);
    expect(keys.nameOf('a')).to.equal('one');
  });

  it('does not begin with a file that is wrong or not there', async () => {
    expect(() => new ApiKeys(path(), log())).to.throw('ENOENT');
    await writeFile(path(), 'not a key');
    expect(() => new ApiKeys(path(), log())).to.throw('line 1');
  });
});
