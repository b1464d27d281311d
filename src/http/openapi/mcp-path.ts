// The OpenAPI path of MCP. Its tools are described by the protocol itself (`tools/list`).
import type { ErrorCode } from '../../errors.js';
import { errorResponses, withCommonHeaders } from './responses.js';
import { type JsonSchema, ref } from './schemas.js';

const errors: ErrorCode[] = ['cross_site', 'body_too_large', 'unsupported_media_type', 'not_ready'];

const version = { const: '2.0' };

const request: JsonSchema = {
  type: 'object',
  description: 'a JSON-RPC request or notification; batches are not supported',
  properties: {
    jsonrpc: version,
    id: { type: ['string', 'integer'] },
    method: { type: 'string' },
    params: { type: 'object' },
  },
  required: ['jsonrpc', 'method'],
};

const response: JsonSchema = {
  type: 'object',
  description: 'a JSON-RPC response',
  properties: {
    jsonrpc: version,
    id: { type: ['string', 'integer', 'null'] },
    result: { type: 'object' },
    error: {
      type: 'object',
      properties: { code: { type: 'integer' }, message: { type: 'string' } },
      required: ['code', 'message'],
    },
  },
  required: ['jsonrpc'],
};

const example = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

export function mcpPath(): object {
  const failures = errorResponses(errors, 'API');
  const rejected = {
    ...failures[400],
    content: {
      ...(failures[400]?.content as object),
      'application/json': { schema: { anyOf: [ref('error'), response] } },
    },
  };
  return {
    post: {
      operationId: 'callMcp',
      tags: ['API'],
      summary: 'Serves a message of the Model Context Protocol',
      description:
        'The tools search, count, list_dictionaries, list_files and read, for language models. Failed calls are results with `isError`.',
      requestBody: { required: true, content: { 'application/json': { schema: request, example } } },
      responses: withCommonHeaders(
        {
          200: { description: 'the response to a request', content: { 'application/json': { schema: response } } },
          202: { description: 'the notification was accepted' },
          404: {
            description: 'the method does not exist, in version 2026-07-28',
            content: { 'application/json': { schema: response } },
          },
          ...failures,
          400: rejected,
        },
        true,
      ),
    },
  };
}
