// Clients of MCP: the SDK's own, and one that sends any message.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { MCP_ROUTE } from '../../src/http/routes.js';

/** The versions that clients speak. The first has no handshake; the others are as of 2025. */
export const VERSIONS = ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26'] as const;
export type Version = (typeof VERSIONS)[number];

export interface ToolAnswer {
  isError: boolean;
  text: string;
  structured: Record<string, unknown>;
}

export interface McpClient {
  client: Client;
  call: (name: string, input?: object) => Promise<ToolAnswer>;
}

/** Connects the SDK's client, which checks answers against the output schemas. */
export async function connectMcp(
  url: string,
  version: Version = VERSIONS[0],
  headers: Record<string, string> = {},
): Promise<McpClient> {
  const isModern = version === VERSIONS[0];
  const client = new Client(
    { name: 'test', version: '1' },
    isModern ? { versionNegotiation: { mode: { pin: version } } } : { supportedProtocolVersions: [version] },
  );
  await client.connect(new StreamableHTTPClientTransport(new URL(url + MCP_ROUTE), { requestInit: { headers } }));
  // It checks structured content only against schemas that it has listed.
  await client.listTools();
  const call = async (name: string, input: object = {}): Promise<ToolAnswer> => {
    const result = await client.callTool({ name, arguments: input as Record<string, unknown> });
    const [content] = result.content;
    return {
      isError: result.isError === true,
      text: content?.type === 'text' ? content.text : '',
      structured: (result.structuredContent ?? {}) as Record<string, unknown>,
    };
  };
  return { client, call };
}

/** Posts JSON, or text unchanged. */
export function postMcp(url: string, message: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url + MCP_ROUTE, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...headers },
    body:
      typeof message === 'string' || message instanceof Uint8Array ? (message as BodyInit) : JSON.stringify(message),
  });
}

/** A call as clients of 2025 send it. */
export function toolCall(name: string, input: object = {}, id: number | string = 1): object {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: input } };
}
