// Health checks and metrics, for operators.
import { AppError } from '../../errors.js';
import type { Phase } from '../../runtime/lifecycle.js';
import type { CollectedMetrics } from '../../runtime/metrics/metrics-exchange.js';
import type { SearchEngine } from '../../search/engine.js';
import { createRouter, type RequestRouter } from '../request-state.js';
import { routes } from '../routes.js';

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8';

export interface OpsParts {
  engine: Pick<SearchEngine, 'check'>;
  phase: () => Phase;
  metrics: () => Promise<CollectedMetrics>;
}

export function createOpsRouter({ engine, phase, metrics }: OpsParts): RequestRouter {
  const router = createRouter();

  router.get(routes.healthz.path, (ctx) => {
    ctx.body = { status: 'alive' };
  });

  router.get(routes.readyz.path, async (ctx) => {
    if (phase() !== 'ready') throw new AppError('not_ready', `This worker is ${phase()}.`);
    await engine.check();
    ctx.body = { status: 'ready' };
  });

  router.get(routes.metrics.path, async (ctx) => {
    ctx.body = (await metrics()).text;
    ctx.type = PROMETHEUS;
  });

  return router;
}
