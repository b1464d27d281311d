// Runs a tool for a request. Every call of a tool goes through here.
import type { CallToolResult } from '@modelcontextprotocol/server';
import type { Logger } from 'pino';
import { AppError } from '../../errors.js';
import { assertActionAllowed, engineOf } from '../access.js';
import { shorten } from '../error-response.js';
import { Deadline } from '../middleware/deadline.js';
import { toAppError } from '../middleware/error-handler.js';
import { type RequestContext, setSubject } from '../request-state.js';
import { type SuggestSpelling, withSuggestion } from '../spelling/spelling-suggestion.js';
import type { Tool } from './tool.js';

export interface ToolCallOptions {
  searchTimeoutMs: number;
  suggest: SuggestSpelling;
  log: Logger;
}

/** Errors are results, so that a model can correct its call. Never rejects. */
export async function callTool(
  name: string,
  tool: Tool,
  input: object,
  ctx: RequestContext,
  { searchTimeoutMs, suggest, log }: ToolCallOptions,
): Promise<CallToolResult> {
  const { signal } = new Deadline(ctx.res, searchTimeoutMs);
  setSubject(ctx.state, { action: name });
  try {
    if (tool.action !== undefined) assertActionAllowed(ctx, tool.action);
    const { structuredContent, text } = await tool.run(input, {
      engine: engineOf(ctx),
      signal,
      setSubject: (subject) => setSubject(ctx.state, { ...subject, action: name }),
    });
    return { structuredContent, content: [{ type: 'text', text }] };
  } catch (error) {
    // The client has disconnected: the error is most likely an abort, and nothing can be sent.
    if (ctx.res.closed) return failed('The client has disconnected.');
    const failure = error instanceof AppError ? error : toAppError(error, ctx, log);
    ctx.state.failure = failure;
    return failed(shorten(withSuggestion(failure, await suggest(failure, ctx)).message));
  }
}

function failed(text: string): CallToolResult {
  return { isError: true, content: [{ type: 'text', text }] };
}
