import { expect } from 'chai';
import { pino } from 'pino';
import { LogWriter, type RequestEvent, requestLog } from '../../src/runtime/logger.js';

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
    ['an answered request', {}],
    ['an aborted request', { status: 499, aborted: true }],
    ['a failed request', { status: 400, reason: 'not "so"\nbut \\ so \u2028 \u{1f600}' }],
    ['a path that needs escaping', { path: '/"\\\u0001é' }],
    ['the action, dictionary and term', { action: 'search', dictionary: 'a"\n\u202e', term: '"\\\u0001' }],
  ];
  for (const [name, more] of cases) {
    it(`logs ${name}, without fields that have no value`, () => {
      const { lines, log } = open('info');
      const before = Date.now();
      requestLog(log)({ ...event, ...more });
      const { aborted, reason, ...fields } = { ...event, ...more };
      const { time, ...line } = JSON.parse(lines[0] as string) as { time: string };
      expect(line).to.deep.equal({
        level: 'info',
        pid: process.pid,
        ...fields,
        ...(aborted && { aborted }),
        ...(reason !== undefined && { reason }),
        msg: 'request',
      });
      expect(Date.parse(time)).to.be.within(before, Date.now());
      expect(lines[0]?.endsWith('\n')).to.equal(true);
      expect(lines).to.have.length(1);
    });
  }

  it('logs the time of each request', async () => {
    const { lines, log } = open('info');
    const write = requestLog(log);
    write(event);
    const before = Date.now();
    while (Date.now() === before);
    write(event);
    const times = lines.map((line) => (JSON.parse(line) as { time: string }).time);
    expect(times[0]).to.not.equal(times[1]);
  });

  it('logs nothing above level info', () => {
    const { lines, log } = open('warn');
    requestLog(log)(event);
    expect(lines).to.deep.equal([]);
  });
});

describe('LogWriter', () => {
  const ERROR = '{"level":"error"}\n';

  /** An output whose writes end when a test calls `endWrite`. */
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

  it('has one write in progress at a time, as PM2 drops queued writes when it reopens its files', () => {
    const { written, endWrite, output } = slowOutput();
    const writer = new LogWriter(output);
    for (const line of [ERROR, ERROR, 'a\n', ERROR]) writer.write(line);
    expect(written).to.deep.equal([ERROR]);
    endWrite();
    expect(written).to.deep.equal([ERROR, `${ERROR}a\n${ERROR}`]);
    endWrite();
    expect(written).to.have.length(2);
  });

  it('batches the lines of some milliseconds', async () => {
    const { written, endWrite, output } = slowOutput();
    const writer = new LogWriter(output);
    writer.write(ERROR);
    writer.write('a\n');
    endWrite();
    expect(written).to.deep.equal([ERROR]);
    while (written.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(written[1]).to.equal('a\n');
  });

  it('flushes without waiting for the write in progress', () => {
    const { written, output } = slowOutput();
    const writer = new LogWriter(output);
    writer.write(ERROR);
    writer.write('a\n');
    writer.flush();
    writer.flush();
    expect(written).to.deep.equal([ERROR, 'a\n']);
  });
});
