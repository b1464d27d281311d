// Retries, with a scripted fetch and a clock that the test moves.
import { expect } from 'chai';
import { type SinonFakeTimers, type SinonStub, stub, useFakeTimers } from 'sinon';
import { ApiError, type ClientOptions, ConnectionError, createClient } from '../../src/client/index.js';

type Step = () => Response | Promise<Response>;

const found: Step = () => Response.json({ 'nr of entries': 1, results: ['love'] });
const refused: Step = () => Promise.reject(new TypeError('fetch failed'));
const status =
  (code: number, headers: Record<string, string> = {}, body: object = { Code: code, message: 'No.' }): Step =>
  () =>
    Response.json(body, { status: code, headers });

describe('the retries of the client', () => {
  let clock: SinonFakeTimers;
  let random: SinonStub;
  beforeEach(() => {
    clock = useFakeTimers({ now: Date.UTC(2027, 0, 1), toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    random = stub(Math, 'random').returns(1);
  });
  afterEach(() => {
    clock.restore();
    random.restore();
  });

  /** Runs a search, and returns its outcome and when each attempt was made, in milliseconds. */
  async function run(steps: Step[], options: Partial<ClientOptions> = {}, signal?: AbortSignal) {
    const times: number[] = [];
    const start = Date.now();
    const fetch = async () => {
      times.push(Date.now() - start);
      return (steps[times.length - 1] ?? found)();
    };
    const client = createClient({ url: 'http://a', fetch, ...options });
    const outcome = client.search({ term: 'love' }, { signal }).catch((error) => error);
    await clock.runAllAsync();
    return { outcome: await outcome, times };
  }
  const answer = { nrOfEntries: 1, results: ['love'] };

  for (const [title, step] of [
    ['status 503', status(503)],
    ['status 429', status(429)],
    ['status 502 of a proxy', () => new Response('<h1>Bad Gateway</h1>', { status: 502 })],
    ['a lost connection', refused],
  ] as [string, Step][]) {
    it(`follow ${title}, after delays that double`, async () => {
      const { outcome, times } = await run([step, step, step]);
      expect(outcome).to.deep.equal(answer);
      expect(times).to.deep.equal([0, 250, 750, 1_750]);
    });
  }

  it('start after half of the delay at the earliest', async () => {
    random.returns(0);
    expect((await run([refused, refused])).times).to.deep.equal([0, 125, 375]);
  });

  it('end with the last error', async () => {
    const { outcome, times } = await run([refused, refused, refused, status(503)]);
    expect(outcome).to.be.instanceOf(ApiError).with.property('Code', 503);
    expect(times).to.have.length(4);
  });

  it('can be disabled', async () => {
    const { outcome, times } = await run([refused], { retries: 0 });
    expect(outcome).to.be.instanceOf(ConnectionError);
    expect(outcome.cause).to.be.instanceOf(TypeError);
    expect(times).to.deep.equal([0]);
  });

  for (const [code, problem] of [
    [400, 'invalid_request'],
    [401, 'unauthorized'],
    [404, 'unknown_dictionary'],
    [500, 'internal'],
    [502, 'numbers_failed'],
    [504, 'search_timeout'],
  ] as const) {
    it(`don't follow status ${code}`, async () => {
      const { outcome, times } = await run([status(code, {}, { status: code, detail: 'No.', code: problem })]);
      expect(outcome).to.be.instanceOf(ApiError).and.include({ Code: code, code: problem, message: 'No.' });
      expect(times).to.deep.equal([0]);
    });
  }

  for (const [header, ms] of [
    ['5', 5_000],
    ['Fri, 01 Jan 2027 00:00:07 GMT', 7_000],
    ['Thu, 31 Dec 2026 00:00:00 GMT', 250],
    ['0', 250],
    ['soon', 250],
  ] as const) {
    it(`wait ${ms} ms if Retry-After is ${header}`, async () => {
      expect((await run([status(429, { 'Retry-After': header })])).times).to.deep.equal([0, ms]);
    });
  }

  it("don't start if the server asks for a longer wait than the maximum", async () => {
    const { outcome, times } = await run([status(503, { 'Retry-After': '60' })]);
    expect(outcome).to.be.instanceOf(ApiError).and.include({ Code: 503, retryAfter: 60 });
    expect(times).to.deep.equal([0]);
    const patient = await run([status(503, { 'Retry-After': '60' })], { maxRetryDelayMs: 60_000 });
    expect(patient.times).to.deep.equal([0, 60_000]);
  });

  it('wait for the maximum at most', async () => {
    const { times } = await run([refused, refused], { maxRetryDelayMs: 100 });
    expect(times).to.deep.equal([0, 100, 200]);
  });

  it('stop waiting when the signal aborts', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 300);
    const { outcome, times } = await run([refused, refused, refused], {}, controller.signal);
    expect(outcome.message).to.equal('enough');
    expect(times).to.deep.equal([0, 250]);
    expect(clock.countTimers()).to.equal(0);
  });
});
