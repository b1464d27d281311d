import { expect } from 'chai';
import { parseTraceContext, renderTraceHeaders } from '../../src/tracing/trace-context.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';
const VALID = `00-${TRACE_ID}-${SPAN_ID}-01`;

describe('parseTraceContext', () => {
  const stateOf = (tracestate: string) => parseTraceContext({ traceparent: VALID, tracestate })?.state;

  it('reads the ids and the flags', () => {
    const context = { traceId: TRACE_ID, spanId: SPAN_ID, flags: 1, state: undefined };
    expect(parseTraceContext({ traceparent: VALID })).to.deep.equal(context);
    expect(parseTraceContext({ traceparent: `00-${TRACE_ID}-${SPAN_ID}-00` })).to.include({ flags: 0 });
  });

  it('ignores flags that the specification reserves', () => {
    expect(parseTraceContext({ traceparent: `00-${TRACE_ID}-${SPAN_ID}-ff` })).to.include({ flags: 3 });
  });

  it('reads the known fields of a later version', () => {
    for (const traceparent of [`01-${TRACE_ID}-${SPAN_ID}-01`, `cc-${TRACE_ID}-${SPAN_ID}-01-what-the-future-brings`])
      expect(parseTraceContext({ traceparent }), traceparent).to.include({ traceId: TRACE_ID, spanId: SPAN_ID });
  });

  for (const [problem, traceparent] of [
    ['is missing', undefined],
    ['is empty', ''],
    ['has a forbidden version', `ff-${TRACE_ID}-${SPAN_ID}-01`],
    ['has a version in upper case', `0A-${TRACE_ID}-${SPAN_ID}-01`],
    ['has more than its version allows', `${VALID}-00`],
    ['ends with a separator', `${VALID}-`],
    ['continues without a separator', `01-${TRACE_ID}-${SPAN_ID}-01x`],
    ['has a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN_ID}-01`],
    ['has a span id of zeros', `00-${TRACE_ID}-${'0'.repeat(16)}-01`],
    ['has a trace id in upper case', `00-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01`],
    ['has a short trace id', `00-${TRACE_ID.slice(1)}-${SPAN_ID}-01`],
    ['has a long span id', `00-${TRACE_ID}-${SPAN_ID}0-01`],
    ['has a flag that is not hexadecimal', `00-${TRACE_ID}-${SPAN_ID}-0x`],
    ['has a space around it', ` ${VALID}`],
    ['has no separators', `00${TRACE_ID}${SPAN_ID}01`],
    ['occurs twice', `${VALID}, ${VALID}`],
    ['ends with a line break', `${VALID}\n`],
  ] as const) {
    it(`ignores both headers if traceparent ${problem}`, () => {
      expect(parseTraceContext({ traceparent, tracestate: 'a=1' })).to.equal(undefined);
    });
  }

  it('keeps a valid tracestate, without the spaces around its members', () => {
    expect(stateOf('rojo=00f067aa0ba902b7, congo=t61rcWkgMzE')).to.equal('rojo=00f067aa0ba902b7,congo=t61rcWkgMzE');
    expect(stateOf('a=1 ,\t, b=2,')).to.equal('a=1,b=2');
    expect(stateOf('fw529a3039@dt=FfD/w-_*,0_-*/x=a b')).to.equal(undefined);
    expect(stateOf('fw529a3039@dt=FfD/w-_*,x0_-*/=a b')).to.equal('fw529a3039@dt=FfD/w-_*,x0_-*/=a b');
    expect(stateOf('')).to.equal(undefined);
    expect(stateOf(' , ')).to.equal(undefined);
  });

  it('accepts as many members, and as long ones, as the specification allows', () => {
    const members = (count: number) => Array.from({ length: count }, (_, index) => `k${index}=v`).join(',');
    expect(stateOf(members(32))).to.equal(members(32));
    expect(stateOf(members(33))).to.equal(undefined);
    const long = `${'k'.repeat(256)}=${'v'.repeat(256)}`;
    expect(stateOf(long)).to.equal(long);
    expect(stateOf(`k${long}`)).to.equal(undefined);
    expect(stateOf(`${long}v`)).to.equal(undefined);
  });

  for (const tracestate of [
    'a',
    '=1',
    'a=',
    'A=1',
    'aB=1',
    'a=1=2',
    'a=1,a=2',
    'a=\u00e9',
    'a=1;b=2,c',
    '1a=1',
    'a@b@c=1',
  ]) {
    it(`ignores only the tracestate if it is ${JSON.stringify(tracestate)}`, () => {
      const context = parseTraceContext({ traceparent: VALID, tracestate });
      expect(context).to.include({ traceId: TRACE_ID });
      expect(context?.state).to.equal(undefined);
    });
  }

  it('takes time proportional to the length of a hostile tracestate', () => {
    // A regular expression that backtracks would not finish.
    for (const hostile of [
      `${'a'.repeat(60_000)}`,
      `a=${' '.repeat(60_000)}`,
      'a=1,'.repeat(15_000),
      '@'.repeat(60_000),
    ])
      expect(stateOf(hostile)).to.equal(undefined);
  });
});

describe('renderTraceHeaders', () => {
  it('renders what parseTraceContext reads', () => {
    const headers = { traceparent: VALID, tracestate: 'a=1,b=2' };
    expect(renderTraceHeaders(parseTraceContext(headers) ?? expect.fail())).to.deep.equal(headers);
    const later = parseTraceContext({ traceparent: `01-${TRACE_ID}-${SPAN_ID}-03-more` }) ?? expect.fail();
    expect(renderTraceHeaders(later)).to.deep.equal({ traceparent: `00-${TRACE_ID}-${SPAN_ID}-03` });
  });
});
