// Reads a JSON-RPC message, and rejects invalid ones (https://www.jsonrpc.org/specification).
import { renderValue } from '../../config/field-table.js';
import { AppError } from '../../errors.js';
import { parseJson, readText } from '../api/body-parser.js';
import type { RequestContext } from '../request-state.js';

const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const METHOD_NOT_FOUND = -32_601;

/** A message that can't be served. The SDK detects further errors. */
export interface RejectedMessage {
  /** The HTTP status. */
  status: number;
  /** The code of JSON-RPC. */
  code: number;
  message: string;
  /** The id of the request, if it has one. */
  id: string | number | null;
}

/** Returns the message, or why it is rejected. Throws other errors than those of JSON. */
export async function readMessage(ctx: RequestContext): Promise<{ message: object } | { rejected: RejectedMessage }> {
  let value: unknown;
  try {
    value = parseJson(await readText(ctx));
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'invalid_json') throw error;
    ctx.state.failure = error;
    return reject(PARSE_ERROR, `Parse error: ${error.message}`);
  }
  if (Array.isArray(value)) {
    // A batch would count as one request. Protocol versions since 2025-06-18 have no batches.
    return reject(INVALID_REQUEST, 'Batches are not supported. Send one message per request.');
  }
  if (typeof value !== 'object' || value === null)
    return reject(INVALID_REQUEST, `The body must be a JSON-RPC message, got ${renderValue(value)}.`);
  if ((value as { method?: unknown }).method === 'subscriptions/listen') {
    const message = 'Method not found: the tools never change, so there is nothing to subscribe to.';
    return reject(METHOD_NOT_FOUND, message, 404, (value as { id?: unknown }).id);
  }
  return { message: value };
}

function reject(code: number, message: string, status = 400, id: unknown = null): { rejected: RejectedMessage } {
  return { rejected: { status, code, message, id: typeof id === 'string' || typeof id === 'number' ? id : null } };
}
