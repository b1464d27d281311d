// The headers in which a caller passes its trace on: https://www.w3.org/TR/trace-context/

/** A span, as seen from another service. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits. */
  spanId: string;
  /** Bit 0: whether the trace is recorded. Bit 1: whether its id is random. */
  flags: number;
  /** The `tracestate` of the caller, if it is valid. */
  state?: string | undefined;
}

/** The headers with which a request to another service continues a trace. */
export type TraceHeaders = Record<string, string>;

/** A later version may append fields. No version is `ff`. */
const TRACEPARENT = /^(?!ff)([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const ALL_ZERO = /^0+$/;
const KNOWN_FLAGS = 0b11;

/** Section 3.3.1.3: a key, perhaps with the name of a tenant, and a value that ends without a space. */
const MEMBER =
  /^([a-z][a-z\d_*/-]{0,255}|[a-z\d][a-z\d_*/-]{0,240}@[a-z][a-z\d_*/-]{0,13})=([!-+\--<>-~ ]{0,255}[!-+\--<>-~])$/;
const MAX_MEMBERS = 32;

type Headers = Record<string, string | string[] | undefined>;

/**
 * Returns `undefined` if there is no valid `traceparent`. The specification requires both headers
 * to be ignored then, and `tracestate` alone if only it is invalid.
 */
export function parseTraceContext({ traceparent, tracestate }: Headers): TraceContext | undefined {
  if (typeof traceparent !== 'string') return undefined;
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(traceparent) ?? [];
  if (version === undefined || (version === '00' && more !== undefined)) return undefined;
  if (ALL_ZERO.test(traceId) || ALL_ZERO.test(spanId)) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) & KNOWN_FLAGS, state: parseState(tracestate) };
}

/** Returns the members in their order, or `undefined` if one of them is invalid or occurs twice. */
function parseState(tracestate: string | string[] | undefined): string | undefined {
  // Node.js joins repeated headers by commas.
  if (typeof tracestate !== 'string') return undefined;
  const members = tracestate
    .split(',')
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((member) => member !== '');
  const keys = new Set(members.map((member) => MEMBER.exec(member)?.[1]));
  const isValid = members.length <= MAX_MEMBERS && keys.size === members.length && !keys.has(undefined);
  return isValid && members.length > 0 ? members.join(',') : undefined;
}

/** Renders the headers of the version that grepd knows. */
export function renderTraceHeaders({ traceId, spanId, flags, state }: TraceContext): TraceHeaders {
  const traceparent = `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, '0')}`;
  return state === undefined ? { traceparent } : { traceparent, tracestate: state };
}
