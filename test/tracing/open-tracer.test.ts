// Which modules a worker loads. prom-client loads @opentelemetry/api in any case.
import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { openTracer, type TracerOptions } from '../../src/tracing/open-tracer.js';

const problems = { onExportFailed: () => {}, onWarning: () => {} };

/** Runs the code of a process. Returns how many modules of the SDK it has loaded after each step. */
function loadedModules(...steps: Pick<TracerOptions, 'isRecording' | 'isForwarding'>[]): number[] {
  const code = `
    import { createRequire } from 'node:module';
    await import(${JSON.stringify(import.meta.resolve('../../src/main.js'))});
    const { openTracer } = await import(${JSON.stringify(import.meta.resolve('../../src/tracing/open-tracer.js'))});
    const counts = [];
    for (const step of ${JSON.stringify(steps)}) {
      await openTracer({ ...step, version: async () => '1', problems: {} });
      const paths = Object.keys(createRequire('/').cache);
      counts.push(paths.filter((path) => /@opentelemetry\\/(?!api\\/)/.test(path)).length);
    }
    console.log(JSON.stringify(counts));
    process.exit();`;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }));
}

describe('openTracer', function () {
  this.timeout(30_000);

  it('loads the SDK of OpenTelemetry only to record traces', () => {
    const off = { isRecording: false, isForwarding: false };
    const [none, forwarding, recording] = loadedModules(
      off,
      { ...off, isForwarding: true },
      { ...off, isRecording: true },
    );
    expect([none, forwarding]).to.deep.equal([0, 0]);
    expect(recording).to.be.above(10);
  });

  it('opens nothing if nothing needs traces', async () => {
    const options = { isRecording: false, isForwarding: false, version: async () => '1', problems };
    expect(await openTracer(options)).to.equal(undefined);
  });
});
