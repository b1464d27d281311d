// Headers that try to inject something into responses, pages, logs or metrics.
import { expect } from 'chai';
import type { RequestObservation } from '../../../src/runtime/metrics/metrics.js';
import { rawText } from '../../helpers/raw-http.js';
import { useFixtureApp } from '../../helpers/use-app.js';

/** Whether the text contains terminal control characters. */
const isUnsafe = (text: string) => /[\p{Cc}\p{Bidi_Control}]/u.test(text.replace(/[\r\n\t]/g, ''));

/** Markup that would run code on a page. */
const ACTIVE = /<script>alert|<img src=x|(href|src)="javascript:/;

describe('a hostile header', function () {
  this.timeout(30_000);
  const observed: RequestObservation[] = [];
  const suite = useFixtureApp({ observe: (request) => observed.push(request) });

  const hostile: [header: string, value: string][] = [
    ['X-Request-Id', 'a\tb'],
    ['X-Request-Id', '\x1b[31m'],
    ['X-Request-Id', '\x9b31m'],
    ['X-Request-Id', '","level":"fatal","a":"'],
    ['X-Request-Id', '<script>alert(1)</script>'],
    ['X-Request-Id', 'a'.repeat(129)],
    ['X-Request-Id', 'a, b'],
    ['X-Forwarded-For', '1.2.3.4, <script>alert(1)</script>'],
    ['X-Forwarded-For', '\x9b31m"'],
    ['Forwarded', 'for="<script>alert(1)</script>";host=evil.example;proto=https'],
    ['X-Forwarded-Host', 'evil.example'],
    ['X-Forwarded-Proto', 'javascript'],
    ['Host', 'evil.example"><script>alert(1)</script>'],
    ['Host', '\x9b31m'],
    ['Host', 'a b'],
    ['Origin', 'http://evil.example'],
    ['Referer', 'javascript:alert(1)'],
    ['User-Agent', '\x9b31m"\\'],
  ];
  for (const [header, value] of hostile) {
    it(`has no effect: ${JSON.stringify(`${header}: ${value}`).slice(0, 60)}`, async () => {
      suite.app.log.length = 0;
      observed.length = 0;
      const fields = { Host: 'a', Connection: 'close', [header]: value };
      const head = Object.entries(fields).map(([name, text]) => `${name}: ${text}\r\n`);
      const paths = ['/', '/?term=love&dictionary=folder', '/d', '/api/v1/web', '/openapi.json', '/nope', '/status'];
      for (const path of paths) {
        const { status, headers, text } = await rawText(suite.app.port, `GET ${path} HTTP/1.1\r\n${head.join('')}\r\n`);
        expect(status, path).to.be.oneOf([200, 400, 404]);
        expect(text + headers, path).to.not.match(ACTIVE);
        expect([isUnsafe(headers), headers.includes('evil.example')], path).to.deep.equal([false, false]);
        // Node rejects control characters.
        expect(status === 400, path).to.equal(value.includes('\x1b'));
        if (header === 'X-Request-Id') expect(headers).to.match(/^X-Request-Id: [\w-]{36}\r?$/m);
      }
      const injected = JSON.stringify(value).slice(1, -1);
      if (header !== 'X-Forwarded-Proto') expect(JSON.stringify(suite.app.log)).to.not.include(injected);
      for (const { route, action } of observed) {
        expect([...paths.map((path) => path.replace(/\?.*/, '')), 'none'], route).to.include(route);
        expect(action).to.be.oneOf(['', 'search', 'all']);
      }
    });
  }
});
