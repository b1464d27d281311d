// The client, against the real application.
import { expect } from 'chai';
import { type AnswerStream, ApiError, createClient, type Summary } from '../../src/client/index.js';
import { type Action, defaultActions } from '../../src/http/api/actions.js';
import { useApp } from '../helpers/use-app.js';
import { collect } from './scripted-client.js';

interface Methods {
  [action: string]: (request: object) => Promise<Summary & { results: unknown[] }>;
}
interface StreamMethods {
  [action: string]: (request: object) => AnswerStream<unknown>;
}

describe('the client', () => {
  const suite = useApp();
  const connect = () => createClient({ url: suite.url, retries: 0 });
  const methods = () => connect() as unknown as Methods;
  const streams = () => connect() as unknown as StreamMethods;

  for (const [name, { example }] of Object.entries<Action>(defaultActions)) {
    const { action: _, ...request } = example.request as { action: string };
    const { 'nr of entries': nrOfEntries, results } = example.answer as Record<string, unknown>;

    it(`answers the documented example of ${name}`, async () => {
      expect(await methods()[name]?.(request)).to.deep.equal({ nrOfEntries, results });
    });

    it(`streams the documented example of ${name}`, async () => {
      const stream = streams()[`${name}Stream`]?.(request) as AnswerStream<unknown>;
      expect(stream.summary).to.equal(undefined);
      expect(await collect(stream)).to.deep.equal({ nrOfEntries, results });
    });
  }

  it('has a method for each action, and no others', () => {
    const actions = Object.keys(defaultActions);
    const expected = [...actions, ...actions.map((name) => `${name}Stream`), 'dictionaries'];
    expect(Object.keys(connect())).to.have.members(expected);
  });

  it('returns entries in each format', async () => {
    const request = { term: 'love', nresults: 1 };
    expect((await connect().search(request)).results).to.deep.equal(['            O, I love to hear']);
    expect((await connect().search({ ...request, format: 'object' })).results).to.deep.equal([
      {
        file: 'devils-dictionary.txt',
        line: 86,
        text: '            O, I love to hear',
        before: [],
        after: [],
        matches: [[17, 21]],
      },
    ]);
    expect((await connect().search({ ...request, format: 'kwic', width: 4 })).results).to.deep.equal([
      { file: 'devils-dictionary.txt', line: 86, left: ', I ', match: 'love', right: ' to ' },
    ]);
  });

  it('streams an answer of several megabytes', async () => {
    const request = { dictionary: 'king-james-bible.txt' };
    const streamed = await collect(connect().allStream(request));
    expect(streamed.nrOfEntries).to.equal(31_102);
    expect(streamed.results).to.have.length(31_102);
    expect(streamed).to.deep.equal(await connect().all(request));
  });

  it('reads a stream only once, instead of an empty answer the second time', async () => {
    const stream = connect().listStream();
    await collect(stream);
    const error = await collect(stream).catch((error) => error);
    expect(error)
      .to.be.instanceOf(TypeError)
      .with.property('message')
      .match(/^An answer can be read only once\./);
  });

  it('lists the dictionaries, all or a page', async () => {
    const { dictionaries, ...all } = await connect().dictionaries();
    expect(all).to.deep.equal({ default: 'devils-dictionary.txt', nrOfDictionaries: 3 });
    expect(dictionaries.map(({ name }) => name)).to.deep.equal([
      'devils-dictionary.txt',
      'king-james-bible.txt',
      'moby-dick',
    ]);
    const page = await connect().dictionaries({ filter: '.TXT', offset: 1, nresults: 5 });
    expect(page.nrOfDictionaries).to.equal(2);
    expect(page.dictionaries).to.deep.equal(dictionaries.slice(1, 2));
    expect((await connect().dictionaries({ filter: undefined })).dictionaries).to.have.length(3);
  });

  it('throws the errors of the API, with their codes', async () => {
    const error = await connect()
      .search({ term: 'x', dictionary: 'nope' })
      .catch((error) => error);
    expect(error).to.be.instanceOf(ApiError).and.include({ name: 'ApiError', Code: 404, code: 'unknown_dictionary' });
    expect(error.message).to.equal('There is no dictionary named "nope".');
    expect(suite.app.log.find(({ id }) => id === error.requestId)).to.include({ status: 404 });
    const streamed = await collect(connect().searchStream({ term: '(', syntax: 'regex' })).catch((error) => error);
    expect(streamed).to.be.instanceOf(ApiError).and.include({ Code: 400, code: 'invalid_request' });
    const listed = await connect()
      .dictionaries({ offset: -1 })
      .catch((error) => error);
    expect(listed).to.include({ Code: 400, message: '"offset" must be an integer, 0 or more, got -1.' });
  });
});
