// `POST /mcp`: the Model Context Protocol, for language models
// (https://modelcontextprotocol.io/specification/2026-07-28/basic/transports).
import { createRouter, type RequestContext, type RequestRouter } from '../request-state.js';
import { MCP_ROUTE } from '../routes.js';
import { assertAllowedOrigin } from './allowed-origin.js';
import { readMessage } from './read-message.js';
import type { McpOptions, ServeMcp } from './serve-mcp.js';

export interface McpRouterOptions extends McpOptions {
  /** As in CORS. */
  corsOrigins: readonly string[];
}

export function createMcpRouter(options: McpRouterOptions): RequestRouter {
  const router = createRouter();
  let loading: Promise<ServeMcp> | undefined;

  router.post(MCP_ROUTE, async (ctx) => {
    assertAllowedOrigin(ctx, options.corsOrigins);
    const read = await readMessage(ctx);
    if ('rejected' in read) {
      const { status, id, ...error } = read.rejected;
      ctx.status = status;
      ctx.body = { jsonrpc: '2.0', id, error };
      return;
    }
    loading ??= load(options).catch((error) => {
      // The worker may be out of file descriptors. Try again with the next message.
      loading = undefined;
      throw error;
    });
    const serve = await loading;
    await copyResponse(await serve(ctx, read.message), ctx);
  });

  return router;
}

async function load(options: McpOptions): Promise<ServeMcp> {
  const { createServeMcp } = await import('./serve-mcp.js');
  return createServeMcp(options);
}

async function copyResponse(response: Response, ctx: RequestContext): Promise<void> {
  const body = await response.text();
  ctx.body = body === '' ? null : body;
  ctx.status = response.status;
  if (body !== '') ctx.type = 'json';
}
