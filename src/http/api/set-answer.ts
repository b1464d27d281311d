// Sets a rendered answer as the response.
import type { Logger } from 'pino';
import { AppError } from '../../errors.js';
import { resetConnection } from '../connection/reset-connection.js';
import type { RequestContext } from '../request-state.js';
import { type AnswerFormat, VARY } from './answer-format.js';
import { ENTRIES_FIELD, TRUNCATED_FIELD } from './csv-format.js';
import type { RenderedAnswer, StreamedAnswer } from './render-answer.js';

export function setAnswer(ctx: RequestContext, format: AnswerFormat, rendered: RenderedAnswer, log: Logger): void {
  ctx.set(format.headers);
  ctx.vary(VARY);
  if ('body' in rendered) {
    ctx.set(rendered.summaryFields ?? {});
    // A large answer is shared, and compressing it would give each client a copy.
    ctx.state.skipCompression = rendered.isLarge;
    ctx.body = rendered.body;
  } else {
    ctx.state.skipCompression = true;
    if (format.summaryFields !== undefined && isChunked(ctx))
      ctx.set('Trailer', `${ENTRIES_FIELD}, ${TRUNCATED_FIELD}`);
    ctx.body = stream(ctx, rendered, log);
  }
}

function stream(ctx: RequestContext, answer: StreamedAnswer, log: Logger) {
  const { req, res, state, method, path } = ctx;
  return answer.stream({
    // Errors after a disconnect are its consequence, not a bug.
    onBug: (error) => {
      if (!res.closed) log.error({ err: error, id: state.id, method, path }, 'bug');
    },
    onSummary: (fields) => {
      if (isChunked(ctx)) res.addTrailers(fields);
    },
    onFailure: (error) => {
      if (error instanceof AppError) state.failure = error;
      // Koa closes the connection. Without chunks, that would end the body (RFC 9112, section 8).
      if (!isChunked(ctx)) resetConnection(req.socket);
    },
  });
}

/** Whether the body of a streamed response has chunks, which trailers follow. */
function isChunked({ req }: RequestContext): boolean {
  return req.httpVersion === '1.1' && req.method !== 'HEAD';
}
