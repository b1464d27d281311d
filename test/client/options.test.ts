import { expect } from 'chai';
import { type ClientOptions, createClient } from '../../src/client/index.js';

const URL_RULE = '"url" must be an absolute http: or https: URL, got';

describe('createClient', () => {
  const create = (options: unknown) => () => createClient(options as ClientOptions);

  for (const [options, message] of [
    [undefined, 'The options must be an object with "url", got undefined.'],
    ['http://a', 'The options must be an object with "url", got "http://a".'],
    [{}, `${URL_RULE} undefined.`],
    [{ url: '/api' }, `${URL_RULE} "/api".`],
    [{ url: 'localhost:3000' }, `${URL_RULE} "localhost:3000".`],
    [{ url: 'ftp://a' }, `${URL_RULE} "ftp://a".`],
    [{ url: 'http://a:secret@b' }, '"url" must not contain credentials. Use the option "key" for an API key.'],
    [{ url: 'http://a', retries: -1 }, '"retries" must be an integer from 0 to 1000, got -1.'],
    [{ url: 'http://a', retries: '3' }, '"retries" must be an integer from 0 to 1000, got "3".'],
    [{ url: 'http://a', timeoutMs: 0.5 }, '"timeoutMs" must be an integer from 0 to 2147483647, got 0.5.'],
    [{ url: 'http://a', timeoutMs: 2 ** 31 }, '"timeoutMs" must be an integer from 0 to 2147483647, got 2147483648.'],
    [
      { url: 'http://a', maxRetryDelayMs: Number.NaN },
      '"maxRetryDelayMs" must be an integer from 0 to 2147483647, got NaN.',
    ],
    [{ url: 'http://a', fetch: 'curl' }, '"fetch" must be a function like fetch, got "curl".'],
    [
      { url: 'http://a', apiKey: 'x' },
      '"apiKey" is not an option of createClient. Options: url, key, fetch, retries, maxRetryDelayMs, timeoutMs.',
    ],
  ] as const) {
    it(`rejects ${JSON.stringify(options)}`, () => {
      expect(create(options)).to.throw(TypeError).with.property('message', message);
    });
  }

  for (const key of ['', 'two words', 'line\nbreak', 'schlüssel', 5, null]) {
    it(`rejects the key ${JSON.stringify(key)} without repeating it`, () => {
      const message = '"key" must consist of letters, digits and the characters . _ ~ + / = -';
      expect(create({ url: 'http://a', key }))
        .to.throw(TypeError)
        .with.property('message', message);
    });
  }

  for (const [url, address] of [
    ['http://a', 'http://a/api/v1/json'],
    ['http://a:8080/', 'http://a:8080/api/v1/json'],
    ['https://a/grepd', 'https://a/grepd/api/v1/json'],
    ['https://a/grepd//?x=1#y', 'https://a/grepd/api/v1/json'],
    [new URL('https://a/b/'), 'https://a/b/api/v1/json'],
  ] as const) {
    it(`sends requests below ${url}`, async () => {
      const requested: string[] = [];
      const fetch = async (address: string) => {
        requested.push(address);
        return Response.json({ 'nr of entries': 0, results: [] });
      };
      await createClient({ url, fetch }).list();
      expect(requested).to.deep.equal([address]);
    });
  }

  it('calls the global fetch, even if it is replaced later', async () => {
    const client = createClient({ url: 'http://a' });
    const { fetch } = globalThis;
    globalThis.fetch = async () => Response.json({ 'nr of entries': 7, results: [] });
    try {
      expect(await client.list()).to.deep.equal({ nrOfEntries: 7, results: [] });
    } finally {
      globalThis.fetch = fetch;
    }
  });

  it("rejects an invalid signal, and a request that isn't an object", async () => {
    const client = createClient({ url: 'http://a' });
    const options = { signal: new AbortController() } as never;
    const message = '"signal" must be an AbortSignal, got [object AbortController].';
    expect(() => client.searchStream({ term: 'x' }, options)).to.throw(TypeError, message);
    for (const call of [() => client.search({ term: 'x' }, options), () => client.dictionaries({}, options)])
      expect(await call().catch((error) => error))
        .to.be.instanceOf(TypeError)
        .with.property('message', message);
    const error = await client.search('love' as never).catch((error) => error);
    expect(error.message).to.equal('The request must be an object with the fields of "search", got "love".');
  });
});
