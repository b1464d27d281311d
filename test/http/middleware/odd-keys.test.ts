// API keys in odd places and forms: only a valid key is accepted, and none is ever logged.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { ApiKeys, createApiKey } from '../../../src/auth/api-keys.js';
import { rawText } from '../../helpers/raw-http.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

describe('authentication with an unusual header', () => {
  let folder: TempFolder;
  let app: RunningApp;
  let keys: ApiKeys;
  const { key, line } = createApiKey('reader');
  const other = createApiKey('other');
  before(async () => {
    folder = await tempFolder();
    const path = join(folder.path, 'keys');
    await writeFile(path, `${line}\n${other.line}\n`);
    keys = new ApiKeys(path, pino({ level: 'silent' }));
    app = await startApp({ keys, total: { get: async () => '5', close: async () => {} } });
  });
  after(async () => {
    const logged = JSON.stringify(app.log);
    for (const secret of [key, other.key, base64(`a:${key}`), key.slice(0, 20)]) expect(logged).to.not.include(secret);
    expect(app.log.filter(({ msg }) => msg === 'bug')).to.deep.equal([]);
    await app.close();
    await folder.remove();
  });

  const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');

  /** @param headers header lines, each with its line break */
  async function statusWith(headers: string, path = '/total'): Promise<number> {
    const { status, text } = await rawText(
      app.port,
      `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${headers}\r\n`,
    );
    expect(text).to.not.include(key);
    return status;
  }
  const header = (value: string) => `Authorization: ${value}\r\n`;

  const accepted: [title: string, headers: string][] = [
    ['a plain bearer token', header(`Bearer ${key}`)],
    ['a lower-case scheme', header(`bearer ${key}`)],
    ['an upper-case scheme', header(`BEARER ${key}`)],
    ['surrounding spaces', `Authorization:   Bearer    ${key}   \r\n`],
    ['surrounding tabs', `Authorization:\t Bearer ${key}\t \r\n`],
    ['a header name in lower case', `authorization: Bearer ${key}\r\n`],
    ['a password', header(`Basic ${base64(`user:${key}`)}`)],
    ['a password without a user', header(`basic ${base64(`:${key}`)}`)],
    ['a password of a user with a Unicode name', header(`Basic ${base64(`grün 愛 \u202e:${key}`)}`)],
    ['a password without padding', header(`Basic ${base64(`ab:${key}`).replace(/=+$/, '')}`)],
    ['another scheme in a second header', header(`Bearer ${key}`) + header('Digest x')],
  ];
  for (const [title, headers] of accepted) {
    it(`accepts ${title}`, async () => {
      expect(await statusWith(headers)).to.equal(200);
    });
  }

  const rejected: [title: string, headers: string, path?: string][] = [
    ['a request without a key', ''],
    ['an empty header', 'Authorization:\r\n'],
    ['a scheme alone', header('Bearer')],
    ['a tab after the scheme', header(`Bearer\t${key}`)],
    ['a key without a scheme', header(key)],
    ['another scheme', header(`Digest ${key}`)],
    ['a longer scheme', header(`BearerX ${key}`)],
    ['two keys', header(`Bearer ${key} ${key}`)],
    ['two keys with a comma', header(`Bearer ${key},Bearer ${key}`)],
    ['quotes', header(`Bearer "${key}"`)],
    ['a prefix of a key', header(`Bearer ${key.slice(0, -1)}`)],
    ['a key with a suffix', header(`Bearer ${key}a`)],
    ['a key in upper case', header(`Bearer ${key.toUpperCase()}`)],
    ['the hash of a key', header(`Bearer ${line.split(' ')[1]}`)],
    ['the name of a key', header('Bearer reader')],
    ['a key with base64 padding', header(`Bearer ${key}=`)],
    ['a very long key', header(`Bearer ${'a'.repeat(12_000)}`)],
    ['thousands of spaces', header(`Bearer${' '.repeat(12_000)}!`)],
    ['non-ASCII bytes', header('Bearer \xe9\xff\xfe')],
    ['a key after non-ASCII bytes', header(`Bearer \xa0${key}`)],
    ['an empty password', header(`Basic ${base64('user:')}`)],
    ['an empty password without a user', header(`Basic ${base64(':')}`)],
    ['credentials without a colon', header(`Basic ${base64(key)}`)],
    ['the key as a user', header(`Basic ${base64(`${key}:`)}`)],
    ['credentials with two colons', header(`Basic ${base64(`user:x:${key}`)}`)],
    ['a NUL after the password', header(`Basic ${base64(`user:${key}\0`)}`)],
    ['a line break after the password', header(`Basic ${base64(`user:${key}\n`)}`)],
    ['invalid base64', header('Basic !!!!')],
    ['empty base64', header('Basic ====')],
    ['credentials that are not UTF-8', header(`Basic ${base64(Buffer.from([0x75, 0x3a, 0xff, 0xfe]))}`)],
    ['credentials without base64', header(`Basic user:${key}`)],
    ['the key in a second header', header('Bearer nope') + header(`Bearer ${key}`)],
    ['a cookie', `Cookie: key=${key}; Authorization=Bearer ${key}\r\n`],
    ['Proxy-Authorization', `Proxy-Authorization: Bearer ${key}\r\n`],
    ['X-Api-Key', `X-Api-Key: ${key}\r\n`],
    ['X-Authorization', `X-Authorization: Bearer ${key}\r\n`],
    ['the query', '', `/total?key=${key}&access_token=${key}&Authorization=Bearer+${key}`],
  ];
  for (const [title, headers, path] of rejected) {
    it(`rejects ${title}`, async () => {
      expect(await statusWith(headers, path)).to.equal(401);
    });
  }

  it('compares a key with every known one, by its hash', () => {
    expect(keys.find(key)?.name).to.equal('reader');
    expect(keys.find(other.key)?.name).to.equal('other');
    for (const wrong of [key.slice(1), `${key} `, '', key.repeat(2)])
      expect(keys.find(wrong)?.name).to.equal(undefined);
  });
});
