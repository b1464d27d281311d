// Numbers APIs that try to keep a worker busy, to exhaust its memory, or to redirect it.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { AppError } from '../../src/errors.js';
import { openTotal, type Total } from '../../src/total/total.js';

const MIB = 1024 * 1024;
const MAX_BYTES = 8 * MIB;
/** The time limits for APIs that are too slow anyway, and for all others. */
const SHORT_MS = 1_500;
const LONG_MS = 25_000;
/** Far more than a limited reader holds, and far less than these APIs send. */
const MAX_GROWTH_BYTES = 256 * MIB;

type Answer = (socket: Socket) => void;

/** Sends a beginning, then repeats a chunk for as long as the client reads. */
function endless(begin: string, chunk: string | Buffer, pauseMs = 0): Answer {
  return (socket) => {
    socket.write(begin);
    const more = () => {
      if (socket.destroyed) return;
      if (pauseMs > 0) setTimeout(more, pauseMs);
      if (socket.write(chunk) && pauseMs === 0) setImmediate(more);
    };
    if (pauseMs === 0) socket.on('drain', more);
    more();
  };
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
const body = (text: string | Buffer, headers = '') => {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from(`${OK}${headers}Content-Length: ${bytes.length}\r\n\r\n`), bytes]);
};
const whole =
  (bytes: string | Buffer): Answer =>
  (socket) =>
    socket.end(bytes);
const redirect = (to: string, status = 302) =>
  whole(`HTTP/1.1 ${status} Found\r\nLocation: ${to}\r\nContent-Length: 0\r\n\r\n`);
const numbers = '1,'.repeat(32 * 1024);
const bomb = gzipSync(Buffer.alloc(64 * MIB, '1,'), { level: 9 });

const FAILED = ['numbers_failed'];
const TOO_SLOW = ['numbers_timeout'];
const EITHER = [...FAILED, ...TOO_SLOW];

const cases: [title: string, answer: Answer, expected: string[]][] = [
  ['redirects to itself', redirect('/numbers'), FAILED],
  ['redirects to a file', redirect('file:///etc/passwd'), FAILED],
  ['redirects to https', redirect('https://127.0.0.1:1/'), FAILED],
  ['redirects to another host, for good', redirect('http://127.0.0.2:1/', 308), FAILED],
  ['redirects to data', redirect('data:application/json,[1]', 307), FAILED],
  ['sends numbers without end', endless(`${OK}\r\n[`, numbers), FAILED],
  [
    'sends numbers in chunks without end',
    endless(`${OK}Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n`, `10000\r\n${numbers}\r\n`),
    FAILED,
  ],
  ['sends white space without end', endless(`${OK}\r\n`, ' '.repeat(65_536)), FAILED],
  ['sends one number without end', endless(`${OK}\r\n[`, '1'.repeat(65_536)), FAILED],
  ['sends brackets without end', endless(`${OK}\r\n`, '['.repeat(65_536)), FAILED],
  ['drips a body', endless(`${OK}\r\n[`, '1,', 20), TOO_SLOW],
  ['drips white space', endless(`${OK}\r\n`, ' ', 20), TOO_SLOW],
  ['drips headers', endless(OK, 'X: y\r\n', 20), TOO_SLOW],
  ['drips one header', endless(`${OK}X: `, 'y', 20), TOO_SLOW],
  ['sends headers without end', endless(OK, 'X: y\r\n'.repeat(1_000)), FAILED],
  ['sends one header without end', endless(`${OK}X: `, 'y'.repeat(65_536)), FAILED],
  ['sends a status line without end', endless('HTTP/1.1 200 ', 'y'.repeat(65_536)), EITHER],
  ['sends early hints without end', endless('', 'HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n'.repeat(100)), EITHER],
  ['sends 100 without end', endless('', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(100)), EITHER],
  [
    'sends a chunk extension without end',
    endless(`${OK}Transfer-Encoding: chunked\r\n\r\n1;a=`, 'y'.repeat(65_536)),
    EITHER,
  ],
  [
    'sends trailers without end',
    endless(`${OK}Transfer-Encoding: chunked\r\n\r\n3\r\n[1]\r\n0\r\n`, 'X: y\r\n'.repeat(1_000)),
    EITHER,
  ],
  ['sends nothing', () => {}, TOO_SLOW],
  ['closes immediately', (socket) => socket.destroy(), FAILED],
  ['sends a compressed bomb', whole(body(bomb, 'Content-Encoding: gzip\r\n')), FAILED],
  ['sends a compressed bomb without Content-Encoding', whole(body(bomb)), FAILED],
  [
    'sends a bomb in a compressed transfer',
    whole(
      Buffer.concat([
        Buffer.from(`${OK}Transfer-Encoding: gzip, chunked\r\n\r\n${bomb.length.toString(16)}\r\n`),
        bomb,
        Buffer.from('\r\n0\r\n\r\n'),
      ]),
    ),
    FAILED,
  ],
  ['announces more than it sends', whole(`${OK}Content-Length: 100\r\n\r\n[1]`), FAILED],
  ['announces less than it sends', whole(`${OK}Content-Length: 2\r\n\r\n[1]`), FAILED],
  ['announces two lengths', whole(`${OK}Content-Length: 3\r\nContent-Length: 4\r\n\r\n[1]`), FAILED],
  ['announces a negative length', whole(`${OK}Content-Length: -3\r\n\r\n[1]`), FAILED],
  [
    'announces a length and chunks',
    whole(`${OK}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1]\r\n0\r\n\r\n`),
    FAILED,
  ],
  ['announces 10 GB', endless(`${OK}Content-Length: 10000000000\r\n\r\n[`, numbers), FAILED],
  [
    'sends a chunk of an impossible size',
    whole(`${OK}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n[1]`),
    FAILED,
  ],
  ['sends NaN', whole(body('[NaN]')), FAILED],
  ['sends Infinity', whole(body('[-Infinity]')), FAILED],
  ['sends a number with a billion digits', whole(body('[1e999999999]')), FAILED],
  ['sends an exponent that is not a safe integer', whole(body(`[1e${'9'.repeat(500)}]`)), FAILED],
  ['sends many numbers of ten thousand digits', endless(`${OK}\r\n[1`, `${',1e9999'.repeat(1_000)}`), EITHER],
  ['sends hexadecimal numbers', whole(body('[0x10]')), FAILED],
  ['sends deep arrays', whole(body('['.repeat(MIB) + ']'.repeat(MIB))), FAILED],
  ['sends deep objects', whole(body('[{"a":'.repeat(100_000))), FAILED],
  ['sends a byte order mark', whole(body('\ufeff[1]')), FAILED],
  ['sends UTF-16', whole(body(Buffer.from('[1,2]', 'utf16le'))), FAILED],
  ['sends UTF-16 with a byte order mark', whole(body(Buffer.from('\ufeff[1,2]', 'utf16le'))), FAILED],
  ['sends EBCDIC', whole(body(Buffer.from([0xad, 0xf1, 0xbd]))), FAILED],
  ['sends digits that are not ASCII', whole(body('[١,２]')), FAILED],
  ['sends something after the array', whole(body('[1] [2]')), FAILED],
  ['sends NUL after the array', whole(body('[1]\0')), FAILED],
  ['sends JSON lines', whole(body('1\n2\n')), FAILED],
  ['sends a page', whole(body('<!doctype html><script>alert(1)</script>')), FAILED],
  ['sends control characters', whole(body('\x1b[31m\x9b\u202e')), FAILED],
  ['sends an empty body', whole(body('')), FAILED],
  ['answers as HTTP/0.9', whole('[1,2,3]'), FAILED],
  ['answers as HTTP/2', whole('HTTP/2 200\r\n\r\n[1]'), FAILED],
  ['answers as TLS', whole(Buffer.from([0x15, 3, 1, 0, 2, 2, 40])), FAILED],
  ['answers 206', whole('HTTP/1.1 206 Partial\r\nContent-Length: 3\r\n\r\n[1]'), FAILED],
  ['answers 304', whole('HTTP/1.1 304 Not Modified\r\n\r\n'), FAILED],
  ['answers 101', whole('HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\n[1]'), FAILED],
  ['answers 999', whole('HTTP/1.1 999 No\r\nContent-Length: 3\r\n\r\n[1]'), FAILED],
];

describe('a numbers API that', function () {
  this.timeout(30_000);
  let server: Server;
  let answer: Answer;
  let requests: string[];
  let totals: Record<'patient' | 'impatient', Total>;
  before(async () => {
    server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (data) => {
        requests.push(data.toString().split('\r\n', 1)[0] ?? '');
        answer(socket);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/numbers`;
    const open = (timeoutMs: number) =>
      openTotal({ api: { url, connectTimeoutMs: 10_000, maxBytes: MAX_BYTES }, timeoutMs });
    totals = { patient: open(LONG_MS), impatient: open(SHORT_MS) };
  });
  after(async () => {
    await Promise.all([totals.patient.close(), totals.impatient.close()]);
    server.close();
  });

  for (const [title, response, expected] of cases) {
    it(`${title} fails with ${expected.join(' or ')}, and leaks nothing`, async () => {
      answer = response;
      requests = [];
      const total = totals[expected === FAILED ? 'patient' : 'impatient'];
      const before = process.memoryUsage().rss;
      let max = before;
      const watch = setInterval(() => {
        max = Math.max(max, process.memoryUsage().rss);
      }, 50);
      try {
        const failure = await total.get(new AbortController().signal).then(
          (sum) => expect.fail(`is added up to ${sum}`),
          (error: unknown) => error,
        );
        if (!(failure instanceof AppError)) throw failure;
        expect(failure.code, failure.message).to.be.oneOf(expected);
        expect(failure.message.length).to.be.below(500);
        expect(max - before).to.be.below(MAX_GROWTH_BYTES);
        // No redirect is followed, and there are at most three attempts.
        expect(new Set(requests)).to.deep.equal(new Set(['GET /numbers HTTP/1.1']));
        expect(requests.length).to.be.at.most(3);
        // No connection stays open.
        const connections = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
        while ((await connections()) > 0) await new Promise((resolve) => setTimeout(resolve, 10));
      } finally {
        clearInterval(watch);
      }
    });
  }
});
