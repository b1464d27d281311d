// What middleware and routes share about one request: the types of `ctx.state` and of `ctx`.
import Router from '@koa/router';
import type { Middleware, ParameterizedContext } from 'koa';
import type { KeyLimits } from '../auth/key-limits.js';
import type { AppError } from '../errors.js';
import type { QueryEngine } from '../search/query.js';
import type { TraceContext } from '../tracing/trace-context.js';

export interface RequestState {
  /** The request id. The access log sets it before anything reads it. */
  id: string;
  /** The span of the request, or of its caller if grepd records none. */
  trace?: TraceContext | undefined;
  /** The name of the caller's API key, if keys are set. */
  key?: string;
  /** What the key is limited to, if anything. */
  limits?: KeyLimits;
  /** What the request is about, for the log and the metrics. */
  action?: string | undefined;
  /** A selector. */
  dictionary?: string | undefined;
  term?: string | undefined;
  /** The error that the response reports. */
  failure?: AppError;
  /** The request target as received, if it isn't valid. */
  malformedTarget?: string;
  /** What the ETag is computed from, if not from the body. */
  etagSeed?: string | Buffer;
  /** An object that lives as long as a constant body, so that the body is compressed only once. */
  compressOnce?: object;
  /** Whether the body must not be compressed: it is a stream, or shared by several clients. */
  skipCompression?: boolean;
}

/** Records what a request is about. */
export function setSubject(state: RequestState, subject: Pick<RequestState, 'action' | 'dictionary' | 'term'>): void {
  state.action = subject.action;
  state.dictionary = subject.dictionary;
  state.term = subject.term;
}

/** What the application and the router add to `ctx`, in time for the access log. */
export interface RouteMatch {
  _matchedRoute?: string | RegExp;
  /** The engine as the caller sees it: authentication replaces it for a limited key. */
  engine: QueryEngine;
}

export type RequestContext = ParameterizedContext<RequestState, RouteMatch>;
export type RequestMiddleware = Middleware<RequestState, RouteMatch>;
export type RequestRouter = Router<RequestState, RouteMatch>;

export function createRouter(): RequestRouter {
  return new Router<RequestState, RouteMatch>();
}
