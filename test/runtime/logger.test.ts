// The line of a request is put together by hand: it must be the one that pino writes.
import { expect } from 'chai';
import { pino } from 'pino';
import { Lines, type RequestEvent, requestLog } from '../../src/runtime/logger.js';

describe('requestLog', () => {
  function open(level: string) {
    const lines: string[] = [];
    const options = {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label: string) => ({ level: label }) },
    };
    return { lines, log: pino(options, { write: (line: string) => lines.push(line) }) };
  }

  const event = { id: 'a1', method: 'POST', path: '/api', status: 200, ms: 1.25, aborted: false, reason: undefined };
  const cases: [string, Partial<RequestEvent>][] = [
    ['that was answered', {}],
    ['that was given up', { status: 499, aborted: true }],
    ['that was wrong', { status: 400, reason: 'not "so"\nbut \\ so \u2028 \u{1f600}' }],
    ['with a path that must be escaped', { path: '/"\\\u0001é' }],
    ['with what it asks for', { action: 'search', dictionary: 'a"\n\u202e', term: '"\\\u0001' }],
  ];
  for (const [name, more] of cases) {
    it(`writes the same line as the logger for a request ${name}`, () => {
      const { lines, log } = open('info');
      const { aborted, ...given } = { ...event, ...more };
      requestLog(log)({ ...given, aborted });
      const { status, ms, reason, ...asked } = given;
      log.info({ ...asked, status, ms, aborted: aborted || undefined, reason }, 'request');
      const withoutTime = lines.map((line) => line.replace(/"time":"[^"]+"/, ''));
      expect(withoutTime[0]).to.equal(withoutTime[1]);
      const times = lines.map((line) => Date.parse((JSON.parse(line) as { time: string }).time));
      expect((times[1] as number) - (times[0] as number)).to.be.within(0, 1_000);
    });
  }

  it('writes the time of each request', async () => {
    const { lines, log } = open('info');
    const write = requestLog(log);
    write(event);
    const before = Date.now();
    while (Date.now() === before);
    write(event);
    const times = lines.map((line) => (JSON.parse(line) as { time: string }).time);
    expect(times[0]).to.not.equal(times[1]);
  });

  it('writes nothing where the level leaves it out', () => {
    const { lines, log } = open('warn');
    requestLog(log)(event);
    expect(lines).to.deep.equal([]);
  });
});

describe('Lines', () => {
  const ERROR = '{"level":"error"}\n';

  /** An output whose writes end when a test says so. */
  function slowOutput() {
    const written: string[] = [];
    const pending: (() => void)[] = [];
    const write = (text: string, done: () => void = () => {}) => {
      written.push(text);
      pending.push(done);
      return true;
    };
    return { written, endWrite: () => pending.shift()?.(), output: { write: write as NodeJS.WriteStream['write'] } };
  }

  it('has one write in progress at a time, as PM2 drops those that wait when it opens its files again', () => {
    const { written, endWrite, output } = slowOutput();
    const lines = new Lines(output);
    for (const line of [ERROR, ERROR, 'a\n', ERROR]) lines.write(line);
    expect(written).to.deep.equal([ERROR]);
    endWrite();
    expect(written).to.deep.equal([ERROR, `${ERROR}a\n${ERROR}`]);
    endWrite();
    expect(written).to.have.length(2);
  });

  it('still collects lines for some milliseconds', async () => {
    const { written, endWrite, output } = slowOutput();
    const lines = new Lines(output);
    lines.write(ERROR);
    lines.write('a\n');
    endWrite();
    expect(written).to.deep.equal([ERROR]);
    while (written.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(written[1]).to.equal('a\n');
  });

  it('waits for nothing when the process is about to end', () => {
    const { written, output } = slowOutput();
    const lines = new Lines(output);
    lines.write(ERROR);
    lines.write('a\n');
    lines.flush();
    lines.flush();
    expect(written).to.deep.equal([ERROR, 'a\n']);
  });
});
