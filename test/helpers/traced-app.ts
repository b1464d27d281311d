// The application with a real engine, whose traces an in-process collector receives.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EngineOptions, openEngine } from '../../src/search/open-engine.js';
import type { NumbersApi } from '../../src/total/numbers-client.js';
import { openTotal } from '../../src/total/total.js';
import type { TraceProblems } from '../../src/tracing/export-problems.js';
import { openOtelTracer } from '../../src/tracing/otel-tracer.js';
import type { Tracer } from '../../src/tracing/tracer.js';
import { type OtlpReceiver, otlpReceiver } from './otlp-receiver.js';
import { engineOptions } from './queries.js';
import { type AppOptions, type RunningApp, startApp } from './start-app.js';
import { tempFolder } from './temp-folder.js';

export interface TracedApp extends RunningApp {
  tracer: Tracer;
  receiver: OtlpReceiver;
}

export interface TracedAppOptions extends AppOptions {
  limits?: Partial<EngineOptions>;
  numbers?: NumbersApi;
  problems?: TraceProblems;
}

export const TEXT = 'one\ntwo love\nthree\nfour love\n';

/** The SDK sends spans every five seconds by default. */
const SCHEDULE_DELAY_MS = '5';

export async function tracedApp({ limits, numbers, problems, ...options }: TracedAppOptions = {}): Promise<TracedApp> {
  const folder = await tempFolder();
  await writeFile(join(folder.path, 'text.txt'), TEXT);
  const receiver = await otlpReceiver();
  const tracer = openQuickTracer(receiver.url, problems);
  const engine = await openEngine(engineOptions({ dictionariesDir: folder.path, tracer, ...limits }));
  const total = openTotal({ api: numbers, timeoutMs: 10_000, tracer });
  const app = await startApp({ engine, total, tracer, ...options });
  const close = async () => {
    await app.close();
    await tracer.close();
    await receiver.close();
    await folder.remove();
  };
  return { ...app, tracer, receiver, close };
}

/** Opens a tracer that sends each span within milliseconds. */
export function openQuickTracer(url: string, problems: TraceProblems = IGNORE): Tracer {
  const { OTEL_BSP_SCHEDULE_DELAY: before } = process.env;
  process.env.OTEL_BSP_SCHEDULE_DELAY = SCHEDULE_DELAY_MS;
  try {
    return openOtelTracer({ version: '1.2.3', problems, url });
  } finally {
    if (before === undefined) delete process.env.OTEL_BSP_SCHEDULE_DELAY;
    else process.env.OTEL_BSP_SCHEDULE_DELAY = before;
  }
}

const IGNORE: TraceProblems = { onExportFailed: () => {}, onWarning: () => {} };
