// The spans of searches that share a run of grep.
import { expect } from 'chai';
import { AdmissionQueue } from '../../../src/search/admission/admission-queue.js';
import { type BatchedAnswer, BatchingEngine, type BatchOutcome } from '../../../src/search/batching/batching-engine.js';
import { collect } from '../../../src/search/engine.js';
import type { TraceHeaders } from '../../../src/tracing/trace-context.js';
import type { Span, Tracer } from '../../../src/tracing/tracer.js';
import { type OtlpReceiver, otlpReceiver } from '../../helpers/otlp-receiver.js';
import { searchQuery } from '../../helpers/queries.js';
import { stubEngine } from '../../helpers/stub-engine.js';
import { openQuickTracer } from '../../helpers/traced-app.js';

function* answered(): BatchedAnswer {
  yield ['entry'];
  return { nrOfEntries: 1 };
}

describe('the traces of a batch', () => {
  let receiver: OtlpReceiver;
  let tracer: Tracer;
  beforeEach(async () => {
    receiver = await otlpReceiver();
    tracer = openQuickTracer(receiver.url);
  });
  afterEach(async () => {
    await tracer.close();
    await receiver.close();
  });

  /** @param onBatch returns what the batch did for the searches with these terms */
  function open(onBatch: (terms: string[]) => Promise<BatchOutcome[]> | BatchOutcome[]) {
    const engine = new BatchingEngine({
      unbatched: stubEngine(() => Promise.reject(new Error('Every search is batched')) as never),
      searcher: {
        batchKeyOf: () => 'all',
        searchBatch: async (queries) => await onBatch(queries.map(({ term }) => term)),
      },
      queue: new AdmissionQueue({ searchesPerWorker: 1, searchQueue: 10, answersPerWorker: 10 }),
      maxPending: 10,
      tracer,
    });
    return (span: Span | undefined, term: string, signal = new AbortController().signal) =>
      tracer.run(span, () => collect(engine.search(searchQuery({ term }), signal)));
  }

  const startRequest = () => tracer.startRequest(undefined, 'GET', {}) as Span;
  const idOf = ({ context: { traceId, spanId } }: Span) => ({ traceId, spanId });

  it('link the requests whose searches share it, and the wait of each to the batch', async () => {
    const search = open((terms) => terms.map(answered));
    const requests = [startRequest(), startRequest(), startRequest()] as const;
    const [first, ...others] = requests;
    await Promise.all([
      ...requests.map((request, index) => search(request, `${index}`)),
      search(undefined, 'untraced'),
    ]);
    for (const request of requests) request.end();
    await receiver.waitFor('GET', requests.length);
    const [batch, ...otherBatches] = await receiver.waitFor('batch');
    expect(otherBatches).to.deep.equal([]);
    expect(batch).to.include({ traceId: first.context.traceId, parentSpanId: first.context.spanId });
    expect(batch?.links).to.deep.equal(others.map(idOf));
    expect(batch?.attributes).to.deep.equal({ 'grepd.batch.searches': 4 });
    const waits = await receiver.waitFor('queue wait', requests.length);
    expect(waits.map(({ parentSpanId }) => parentSpanId)).to.deep.equal(requests.map(({ context }) => context.spanId));
    for (const { links } of waits) expect(links).to.deep.equal([{ traceId: batch?.traceId, spanId: batch?.spanId }]);
  });

  it("don't continue in the next batch", async () => {
    const headers: TraceHeaders[] = [];
    let endFirst = () => {};
    const search = open((terms) => {
      headers.push(tracer.headers());
      if (terms[0] !== 'first') return terms.map(answered);
      return new Promise((resolve) => {
        endFirst = () => resolve(terms.map(answered));
      });
    });
    const request = startRequest();
    const first = search(request, 'first');
    while (headers.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const second = search(undefined, 'second');
    endFirst();
    await Promise.all([first, second]);
    request.end();
    expect(headers[0]?.traceparent).to.include(request.context.traceId);
    expect(headers[1]).to.deep.equal({});
  });

  it('have another wait for each batch that leaves a search for the next', async () => {
    let batches = 0;
    const search = open((terms) => {
      batches += 1;
      return terms.map(() => (batches === 1 ? 'retry' : answered()));
    });
    const request = startRequest();
    await search(request, 'term');
    request.end();
    await receiver.waitFor('GET');
    const waits = await receiver.waitFor('queue wait', 2);
    const ids = (await receiver.waitFor('batch', 2)).map(({ spanId }) => spanId);
    expect(waits.flatMap(({ links }) => links.map(({ spanId }) => spanId))).to.deep.equal(ids);
  });

  it('show that a caller left while its search waited', async () => {
    const search = open((terms) => terms.map(answered));
    const request = startRequest();
    const controller = new AbortController();
    const left = search(request, 'term', controller.signal).catch((error) => error);
    controller.abort();
    expect(await left).to.have.property('name', 'AbortError');
    request.end();
    const [wait] = await receiver.waitFor('queue wait');
    expect(wait).to.include({ isError: true, parentSpanId: request.context.spanId });
    expect(wait?.attributes).to.include({ 'error.type': 'AbortError' });
  });
});
