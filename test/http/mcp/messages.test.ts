import { expect } from 'chai';
import { MCP_ROUTE } from '../../../src/http/routes.js';
import { ApiDocument } from '../../helpers/api-document.js';
import { postMcp, toolCall } from '../../helpers/mcp.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'a', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

describe('messages of MCP', () => {
  let app: RunningApp;
  let document: ApiDocument;
  before(async () => {
    app = await startApp({});
    document = await ApiDocument.fetch(app.url);
  });
  after(() => app.close());

  async function send(message: unknown, headers: Record<string, string> = {}) {
    const response = await postMcp(app.url, message, headers);
    const text = await response.text();
    document.check('POST', MCP_ROUTE, { status: response.status, headers: response.headers, text });
    const { error, id, result, Code } = (text === '' ? {} : JSON.parse(text)) as {
      error?: { code: number; message: string };
      id?: unknown;
      result?: object;
      Code?: number;
    };
    return { status: response.status, code: error?.code, message: error?.message, id, result, Code };
  }

  const init = (version: string) => ({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: version, capabilities: {}, clientInfo: { name: 'a', version: '1' } },
  });

  const rejected: [title: string, message: unknown, status: number, code: number][] = [
    ['no body', '', 400, -32_600],
    ['truncated JSON', '{"jsonrpc"', 400, -32_700],
    ['invalid UTF-8', Buffer.from('{"a":"\xff"}', 'latin1'), 400, -32_700],
    ['JSON with the key __proto__', '{"__proto__":1}', 400, -32_700],
    ['a number', 5, 400, -32_600],
    ['null', 'null', 400, -32_600],
    ['an empty batch', [], 400, -32_600],
    ['a batch of one call', [toolCall('list_dictionaries')], 400, -32_600],
    ['a batch of 500 calls', Array(500).fill(toolCall('list_dictionaries')), 400, -32_600],
    ['an empty object', {}, 400, -32_600],
    ['another version of JSON-RPC', { ...toolCall('search'), jsonrpc: '1.0' }, 400, -32_600],
    ['an id that is an object', { ...toolCall('search'), id: {} }, 400, -32_600],
    [
      'deeply nested arguments',
      JSON.stringify(toolCall('search', { term: 0 })).replace(':0', `:${'['.repeat(30_000)}${']'.repeat(30_000)}`),
      200,
      0,
    ],
    ['a call without a name', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: {} }, 200, -32_602],
    ['a name that is a number', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 1 } }, 200, -32_602],
    ['arguments that are an array', toolCall('search', []), 200, -32_602],
    ['an unknown method', { jsonrpc: '2.0', id: 1, method: 'nope' }, 200, -32_601],
    ['resources, which grepd lacks', { jsonrpc: '2.0', id: 1, method: 'resources/list' }, 200, -32_601],
    ['a subscription', { jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params: {} }, 404, -32_601],
  ];
  for (const [title, message, status, code] of rejected) {
    it(`answers ${title} with ${code === 0 ? 'a tool error' : code}`, async () => {
      const answer = await send(message);
      expect([answer.status, answer.code ?? 0], answer.message).to.deep.equal([status, code]);
      if (code === 0) expect(answer.result).to.have.property('isError', true);
    });
  }

  it('rejects another type with 415, and a large body with 413, as the API does', async () => {
    expect(await send(toolCall('search'), { 'Content-Type': 'text/plain' })).to.include({ status: 415, Code: 415 });
    const large = toolCall('search', { term: 'x'.repeat(66_000) });
    expect(await send(large)).to.include({ status: 413, Code: 413 });
  });

  it('negotiates the version of an initialize request', async () => {
    for (const [asked, answered] of [
      ['2025-03-26', '2025-03-26'],
      ['2025-06-18', '2025-06-18'],
      ['1999-01-01', '2025-11-25'],
    ] as const) {
      const { status, result } = await send(init(asked));
      expect(status).to.equal(200);
      expect(result).to.have.property('protocolVersion', answered);
    }
  });

  it('rejects an unknown version in the header or the envelope, and names the known ones', async () => {
    const header = await send(toolCall('list_dictionaries'), { 'Mcp-Protocol-Version': '1999-01-01' });
    expect(header.status).to.equal(400);
    expect(header.message).to.include('2025-11-25');
    const params = { _meta: { ...ENVELOPE, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' } };
    const envelope = await send({ jsonrpc: '2.0', id: 7, method: 'tools/list', params });
    expect([envelope.status, envelope.id]).to.deep.equal([400, 7]);
    expect(envelope.message).to.match(/unsupported protocol version/i);
  });

  it('answers an unknown method of the current version with 404, as the specification says', async () => {
    const headers = { 'Mcp-Protocol-Version': '2026-07-28', 'Mcp-Method': 'nope' };
    const answer = await send({ jsonrpc: '2.0', id: 'a', method: 'nope', params: { _meta: ENVELOPE } }, headers);
    expect(answer).to.include({ status: 404, code: -32_601, id: 'a' });
  });

  it('answers notifications, including cancellations, with 202', async () => {
    for (const method of ['notifications/initialized', 'notifications/cancelled', 'notifications/nope']) {
      const { status } = await send({ jsonrpc: '2.0', method, params: { requestId: 1 } });
      expect(status, method).to.equal(202);
    }
  });

  it('serves a client that accepts JSON only', async () => {
    const response = await postMcp(app.url, toolCall('list_dictionaries'), { Accept: 'application/json' });
    expect(response.status).to.equal(200);
    expect(response.headers.get('content-type')).to.equal('application/json; charset=utf-8');
  });
});
