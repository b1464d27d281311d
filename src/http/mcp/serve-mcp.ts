// Serves a message of the current protocol version (2026) or of an earlier one (2025) with the SDK:
// without sessions, so that any worker can serve any message. Loaded on the first request, because
// the SDK takes a tenth of a second and 15 MB.
import {
  createMcpHandler,
  isLegacyRequest,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerOptions,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import type { Actions } from '../api/actions.js';
import type { RequestContext } from '../request-state.js';
import { MCP_ROUTE } from '../routes.js';
import { callTool, type ToolCallOptions } from './call-tool.js';
import type { Tool } from './tool.js';
import { inputSchemaOf } from './tool-fields.js';
import { createTools, INSTRUCTIONS } from './tools.js';

export interface McpOptions extends ToolCallOptions {
  actions: Actions;
  /** The version of grepd. */
  version: string;
}

/** Serves a message, which is parsed JSON, and returns the response. */
export type ServeMcp = (ctx: RequestContext, message: object) => Promise<Response>;

/** The tools change only with grepd's version. */
const TOOLS_TTL_MS = 3_600_000;

export function createServeMcp(options: McpOptions): ServeMcp {
  const tools = createTools(options.actions);
  const listedTools = [...tools].map(describeTool);
  const serverOptions: ServerOptions = {
    capabilities: { tools: {} },
    instructions: INSTRUCTIONS,
    cacheHints: { 'tools/list': { ttlMs: TOOLS_TTL_MS, cacheScope: 'public' } },
  };

  return async (ctx, message) => {
    const createServer = () => serverFor(ctx);
    const request = toWebRequest(ctx);
    if (await isLegacyRequest(request, message)) return serveLegacy(createServer(), request, message);
    // Clients have nothing to subscribe to, and an open stream would delay a drain.
    const handler = createMcpHandler(createServer, { legacy: 'reject', maxSubscriptions: 0, onerror: reportTo(ctx) });
    return handler.fetch(request, { parsedBody: message });
  };

  function serverFor(ctx: RequestContext): Server {
    // The high-level class would check arguments itself, with other messages than the API's.
    const server = new Server({ name: 'grepd', title: 'grepd', version: options.version }, serverOptions);
    server.setRequestHandler('tools/list', () => ({ tools: listedTools }));
    server.setRequestHandler('tools/call', ({ params }) => {
      const tool = tools.get(params.name);
      if (tool === undefined) {
        const names = [...tools.keys()].join(', ');
        const message = `Unknown tool ${JSON.stringify(params.name)}. Tools: ${names}.`;
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, message);
      }
      return callTool(params.name, tool, params.arguments ?? {}, ctx, options);
    });
    return server;
  }

  function reportTo(ctx: RequestContext): (error: Error) => void {
    return (error) => options.log.debug({ err: error, id: ctx.state.id }, 'message rejected');
  }
}

/** Serves versions of 2025, whose clients may have sent `initialize` to another worker. */
async function serveLegacy(server: Server, request: Request, message: object): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  await server.connect(transport);
  try {
    return await transport.handleRequest(request, { parsedBody: message });
  } finally {
    await server.close();
  }
}

/** Accepts event streams for the client: the SDK requires that, although every response is JSON. */
function toWebRequest(ctx: RequestContext): Request {
  const headers = new Headers({ 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' });
  for (const [name, value] of Object.entries(ctx.req.headers))
    if (typeof value === 'string' && name.startsWith('mcp-')) headers.set(name, value);
  return new Request(`http://localhost${MCP_ROUTE}`, { method: 'POST', headers });
}

function describeTool([name, { title, description, fields, outputSchema }]: [string, Tool]) {
  return {
    name,
    title,
    description,
    inputSchema: inputSchemaOf(fields),
    outputSchema,
    annotations: { title, readOnlyHint: true, openWorldHint: false },
  };
}
