// A fuzzer that sends malformed HTTP.
import { connect } from 'node:net';
import { randomNumbers } from '../bench/words.js';

export interface FuzzOptions {
  port: number;
  count: number;
  seed: number;
}

/** The number of responses by status. `none` counts connections closed without a response. */
export type Statuses = Record<string, number>;

const MAX_CONNECTIONS = 256;
/** How long a client waits for the server to answer and close. */
const CLIENT_TIMEOUT_MS = 2_000;

const body = '{"action":"search","term":"love"}';
const post = `POST /api/v1/json HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const REQUESTS = [
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /?term=love&syntax=regex&order=random HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n',
  'GET /d/plain.txt?line=2 HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\n\r\n',
  'GET http://a:1/d/x HTTP/1.1\r\nHost: a\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
  'HEAD /api/v1/web HTTP/1.0\r\n\r\n',
  'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  'GET /metrics HTTP/1.1\r\nHost: a\r\nX-Request-Id: a\r\nX-Forwarded-For: 1.2.3.4\r\nIf-None-Match: "a"\r\n\r\n',
  post,
  post.replace('Content-Type', 'Expect: 100-continue\r\nContent-Type'),
  `POST /api/v1/json HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  `POST /nope HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(1_000)}`,
];
const FRAGMENTS = [
  '[',
  ']',
  '://',
  'http://',
  '//',
  '\\',
  '%',
  '%00',
  '%ff',
  '%zz',
  '#',
  '?',
  '*',
  '@',
  ':',
  '..',
  '/../',
  '\r\n',
  '\r',
  '\n',
  '\0',
  ' ',
  '\t',
  '\x7f',
  '\x9b',
  '\xff',
  'HTTP/9.9',
  'HTTP/1.0',
  'Host: ',
  'Host: [::1',
  'Connection: close\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: -1\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Accept: */*;q=2\r\n',
  'Accept-Encoding: br;q=x\r\n',
  'Authorization: Basic =\r\n',
  'x'.repeat(9_000),
];

/** Sends `count` inputs, each on its own connection. The same seed generates the same inputs. */
export async function fuzz({ port, count, seed }: FuzzOptions): Promise<Statuses> {
  const random = randomNumbers(seed);
  const statuses: Statuses = {};
  let sent = 0;
  const client = async () => {
    while (sent < count) {
      sent += 1;
      const status = await send(port, createInput(random), random());
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: MAX_CONNECTIONS }, client));
  return statuses;
}

function createInput(random: () => number): Buffer {
  const kind = random();
  if (kind < 0.2) return Buffer.from(Array.from({ length: random() * 200 }, () => random() * 256));
  if (kind < 0.5) return Buffer.from(`GET ${createTarget(random)} HTTP/1.1\r\nHost: x\r\n\r\n`, 'latin1');
  let text = pick(REQUESTS, random);
  if (random() < 0.3) text += pick(REQUESTS, random);
  for (let changes = random() * 4; changes > 0; changes -= 1) text = mutate(text, random);
  return Buffer.from(text, 'latin1');
}

function createTarget(random: () => number): string {
  const parts = Array.from({ length: 1 + random() * 5 }, () =>
    random() < 0.6 ? pick(FRAGMENTS, random) : String.fromCharCode(33 + random() * 223),
  );
  return (random() < 0.5 ? '/' : '') + parts.join('');
}

function mutate(text: string, random: () => number): string {
  const at = Math.floor(random() * text.length);
  const length = Math.floor(random() * 10);
  const kind = random();
  if (kind < 0.4) return text.slice(0, at) + pick(FRAGMENTS, random) + text.slice(at);
  if (kind < 0.6) return text.slice(0, at) + text.slice(at + length);
  if (kind < 0.8) return text.slice(0, at) + String.fromCharCode(random() * 256) + text.slice(at + 1);
  if (kind < 0.9) return text.slice(0, at);
  return text.slice(0, at) + text.slice(at, at + 100).repeat(1 + random() * 20) + text.slice(at);
}

/** Thresholds of `choice`: below HALF_CLOSES, half-close after sending; above LEAVES, disconnect
 * when an answer begins; above RESETS, reset after sending. */
const HALF_CLOSES = 0.8;
const LEAVES = 0.7;
const RESETS = 0.95;

function send(port: number, bytes: Buffer, choice: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', (data: string) => {
      if (text.length < 100) text += data;
      if (choice > LEAVES) socket.destroy();
    });
    socket.on('error', () => {});
    socket.once('close', () => resolve(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 'none'));
    socket.once('connect', () => {
      if (choice < HALF_CLOSES) socket.end(bytes);
      else socket.write(bytes);
      if (choice > RESETS) socket.resetAndDestroy();
      setTimeout(() => socket.destroy(), CLIENT_TIMEOUT_MS).unref();
    });
  });
}

function pick<Value>(values: readonly Value[], random: () => number): Value {
  return values[Math.floor(random() * values.length)] as Value;
}
