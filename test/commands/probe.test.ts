import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { findSearchProblem, isBlockedByBrowsers, isReady, listDictionaries } from '../../src/commands/probe.js';

/** Ports that fetch blocks. At least one of them must be free. */
const BLOCKED_PORTS = [6000, 6665, 6666, 6667, 6668, 6669, 6697, 10080];

describe('probe', () => {
  let server: Server;
  afterEach(() => {
    server.close();
  });

  /** Starts a stub service on the first free port, and returns its origin. */
  async function listen(ports: number[]): Promise<string> {
    server = createServer((request, response) => {
      request.resume();
      response.end(JSON.stringify({ dictionaries: [{ name: 'only.txt' }] }));
    });
    for (const port of ports) {
      try {
        await once(server.listen(port, '127.0.0.1'), 'listening');
        return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      } catch {
        // The port is taken.
      }
    }
    throw new Error('No port is free');
  }

  for (const [kind, ports] of [
    ['an ordinary port', [0]],
    ['a port that browsers block', BLOCKED_PORTS],
  ] as const) {
    it(`reaches a service on ${kind}`, async () => {
      const origin = await listen([...ports]);
      expect(await isReady(origin)).to.equal(true);
      expect(await findSearchProblem(origin)).to.equal(undefined);
      expect(await listDictionaries(origin)).to.deep.equal(['only.txt']);
      expect(await isBlockedByBrowsers(origin)).to.equal(ports === BLOCKED_PORTS);
    });
  }
});
