// A slow request on demand, to try out concurrency and shutdown.
import Joi from 'joi';
import { field } from '../../config/field-table.js';
import { MAX_WAIT_SECONDS } from '../../config/settings.js';
import { findProgram } from '../../process/find-program.js';
import { runProgram } from '../../process/run-program.js';
import { disconnectSignal } from '../middleware/deadline.js';
import { parseRequestFields } from '../request-fields.js';
import { createRouter, type RequestRouter } from '../request-state.js';
import { routes } from '../routes.js';

export const waitFields = {
  seconds: field<number>({
    schema: Joi.number().integer().min(1).max(MAX_WAIT_SECONDS).default(10),
    expected: `an integer from 1 to ${MAX_WAIT_SECONDS}`,
    description: 'how long to wait',
  }),
};

/** Far more than sleep(1) needs. */
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;

export function createWaitRouter(): RequestRouter {
  const router = createRouter();

  router.get(routes.wait.path, async (ctx) => {
    const { seconds } = parseRequestFields(waitFields, ctx.query, { convert: true });
    const program = await findProgram('sleep');
    if (program === undefined) throw new Error('sleep is not in PATH');
    const signal = disconnectSignal(ctx.res);
    const result = await runProgram(
      { program, args: [String(seconds)], limits: { memoryBytes: MAX_MEMORY_BYTES } },
      signal,
    ).next();
    if (!result.done || result.value.status !== 0) throw new Error(`sleep failed: ${JSON.stringify(result.value)}`);
    ctx.body = { waited: seconds };
  });

  return router;
}
