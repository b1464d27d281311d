// A request gets an id and, when its answer has been sent or given up, one line in the log.
import { randomUUID } from 'node:crypto';
import type { Context, Middleware, Next } from 'koa';
import type { Logger } from 'pino';

const ID_HEADER = 'X-Request-Id';

/** For the log only: nginx's status of a request whose client left before there was an answer. */
const CLIENT_LEFT = 499;

/** Of what was wrong, which may quote the caller at length. */
const REASON_LENGTH = 500;

/** A caller's own id is kept where it can't do harm in a log. */
const ACCEPTABLE_ID = /^[\w.:-]{1,128}$/;

export function accessLog(log: Logger): Middleware {
  return async (ctx: Context, next: Next) => {
    const started = performance.now();
    const given = ctx.get(ID_HEADER);
    const id = ACCEPTABLE_ID.test(given) ? given : randomUUID();
    ctx.state.id = id;
    ctx.set(ID_HEADER, id);
    ctx.res.once('close', () => {
      const ms = Math.round((performance.now() - started) * 1000) / 1000;
      const aborted = ctx.res.writableFinished ? undefined : true;
      const status = ctx.headerSent ? ctx.status : CLIENT_LEFT;
      const reason = ctx.state.reason?.slice(0, REASON_LENGTH);
      log.info({ id, method: ctx.method, path: ctx.path, status, ms, aborted, reason }, 'request');
    });
    await next();
  };
}
