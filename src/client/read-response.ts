// Checks responses, and turns error statuses into errors.
import { ApiError, ConnectionError, UnexpectedAnswerError } from './errors.js';
import type { Exchange } from './exchange.js';
import { parseRetryAfter } from './retry-after.js';

export const JSON_TYPE = 'application/json';
export const NDJSON_TYPE = 'application/x-ndjson';

/** Problem details (RFC 9457) have the code of an error, and the server prefers what comes first. */
export const acceptOf = (mediaType: string): string => `application/problem+json, ${mediaType}`;

/** Throws unless the response is an answer of this media type. */
export async function assertAnswer(exchange: Exchange, response: Response, mediaType: string): Promise<void> {
  const { status, type, headers } = response;
  if (type === 'opaqueredirect' || (status >= 300 && status < 400)) throw redirectError(response);
  if (!response.ok) throw await readError(exchange, response);
  const actual = headers.get('Content-Type');
  if (mediaTypeOf(actual) !== mediaType) {
    throw new UnexpectedAnswerError(
      `Expected ${mediaType} from ${response.url}, got ${actual ?? 'no Content-Type'}. Check "url".`,
    );
  }
}

/** Reads a JSON object. */
export async function readJson(exchange: Exchange, response: Response): Promise<Record<string, unknown>> {
  const text = await exchange.receiveText(response);
  // Some runtimes don't notice that a response ends early.
  if (!text.trimEnd().endsWith('}')) throw new ConnectionError('The answer broke off: its JSON is incomplete.');
  return parseJsonObject(text);
}

function parseJsonObject(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UnexpectedAnswerError('The answer is not valid JSON.', { cause: error });
  }
}

function redirectError({ headers }: Response): UnexpectedAnswerError {
  const target = headers.get('Location');
  const where = target === null ? 'elsewhere' : `to ${target}`;
  return new UnexpectedAnswerError(`The server redirects ${where}. Set "url" to where grepd is.`);
}

async function readError(exchange: Exchange, response: Response): Promise<ApiError> {
  const { status, headers } = response;
  // The status says enough if the connection is lost now.
  const text = await exchange.receiveText(response).catch((error) => {
    if (error instanceof ConnectionError) return '';
    throw error;
  });
  const { message, code } = parseError(text);
  const details = {
    Code: status,
    code,
    retryAfter: parseRetryAfter(headers.get('Retry-After')),
    requestId: headers.get('X-Request-Id') ?? undefined,
  };
  return new ApiError(
    message ?? `The server answered with status ${status} (${headers.get('Content-Type') ?? 'no content'}).`,
    details,
  );
}

/** Parses problem details, or the errors of grepd that precede the choice of a format. */
function parseError(text: string): { message?: string; code?: string } {
  try {
    const { detail, message, code } = JSON.parse(text) as Record<string, unknown>;
    const sentence = detail ?? message;
    return {
      ...(typeof sentence === 'string' && { message: sentence }),
      ...(typeof code === 'string' && { code }),
    };
  } catch {
    return {};
  }
}

function mediaTypeOf(contentType: string | null): string | undefined {
  return contentType?.split(';')[0]?.trim().toLowerCase();
}
