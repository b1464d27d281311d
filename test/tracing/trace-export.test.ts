// How traces are sent to a collector, and what happens if it doesn't accept them.

import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import { numbersServer } from '../helpers/numbers-server.js';
import { openQuickTracer, tracedApp } from '../helpers/traced-app.js';

const SEARCH = { action: 'search', term: 'love' };

interface ExportFailure {
  reason: string;
  failures: number;
}

describe('traces on their way to a collector', () => {
  it('are sent before close resolves', async () => {
    const app = await tracedApp();
    try {
      await (await app.post(SEARCH)).text();
      while (!app.log.some(({ msg }) => msg === 'request')) await new Promise((resolve) => setImmediate(resolve));
      await app.tracer.close();
      expect(app.receiver.spans.map(({ name }) => name)).to.include('POST /api/v1/json');
    } finally {
      await app.close();
    }
  });

  it("that can't be sent are reported once, and harm no request", async () => {
    const failures: ExportFailure[] = [];
    const problems = { onExportFailed: (failure: ExportFailure) => failures.push(failure), onWarning: () => {} };
    const app = await tracedApp({ problems });
    try {
      app.receiver.status = 400;
      for (let sent = 0; sent < 3; sent += 1) {
        const answer = await (await app.post({ ...SEARCH, nresults: sent })).json();
        expect(answer).to.include({ 'nr of entries': 2 });
        while (app.receiver.requests.length <= sent) await new Promise((resolve) => setTimeout(resolve, 2));
      }
      while (failures.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      expect(failures).to.have.lengthOf(1);
      expect(failures[0]?.reason).to.not.equal('');
    } finally {
      await app.close();
    }
  });

  it('delay the end of a worker by a second at most, even if the collector does not respond', async () => {
    const held: ServerResponse[] = [];
    const collector = await numbersServer((_, response) => held.push(response));
    const tracer = openQuickTracer(collector.url);
    tracer.startRequest(undefined, 'GET', {})?.end();
    // Without a limit of its own, it would wait for the export's: ten seconds.
    await tracer.close();
    expect(held).to.have.lengthOf(1);
    for (const response of held) response.end('{}');
    await collector.close();
  });
});
