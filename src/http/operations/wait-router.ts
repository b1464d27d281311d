// A request that takes as long as one wants: to try concurrency and shutdown.
import Router from '@koa/router';
import Joi from 'joi';
import type { Fields } from '../../config/field-table.js';
import { MAX_WAIT_SECONDS } from '../../config/settings.js';
import { findProgram } from '../../process/find-program.js';
import { runProgram } from '../../process/run-program.js';
import { untilClosed } from '../middleware/deadline.js';
import { parseRequestFields } from '../request-fields.js';
import { routes } from '../routes.js';

export const waitFields = {
  seconds: {
    schema: Joi.number().integer().min(1).max(MAX_WAIT_SECONDS).default(10),
    expected: `an integer from 1 to ${MAX_WAIT_SECONDS}`,
    description: 'how long to wait',
  },
} satisfies Fields;

/** Far more than sleep needs. */
const MEMORY_BYTES = 64 * 1024 * 1024;

export function createWaitRouter(): Router {
  const router = new Router();

  router.get(routes.wait.path, async (ctx) => {
    const { seconds } = parseRequestFields<{ seconds: number }>(waitFields, ctx.query, { convert: true });
    const program = await findProgram('sleep');
    if (program === undefined) throw new Error('There is no sleep in PATH');
    const signal = untilClosed(ctx.res);
    const end = await runProgram(
      { program, args: [String(seconds)], bounds: { memoryBytes: MEMORY_BYTES } },
      signal,
    ).next();
    if (!end.done || end.value.status !== 0) throw new Error(`sleep did not do its work: ${JSON.stringify(end.value)}`);
    ctx.body = { waited: seconds };
  });

  return router;
}
