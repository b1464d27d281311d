// A tool, as the table of tools defines it.
import type { Fields } from '../../config/field-table.js';
import type { QueryEngine } from '../../search/query.js';
import type { Actions } from '../api/actions.js';
import type { JsonSchema } from '../openapi/schemas.js';
import type { RequestState } from '../request-state.js';

export interface Tool {
  title: string;
  /** Written for language models: when to use the tool, and how. */
  description: string;
  /** The action of the API that a key must allow; without it, every key may use the tool. */
  action?: keyof Actions;
  fields: Fields;
  outputSchema: JsonSchema & { type: 'object' };
  /** Throws `invalid_request` for arguments that don't fit the fields, and like the engine. */
  run: (input: object, call: ToolCall) => Promise<ToolOutput>;
}

/** The context of a call. */
export interface ToolCall {
  /** The caller's view of the engine. */
  engine: QueryEngine;
  /** Aborts when the client disconnects or the time limit passes. */
  signal: AbortSignal;
  /** Records what the call is about, for the log, before the search begins. */
  setSubject: (subject: Pick<RequestState, 'dictionary' | 'term'>) => void;
}

/** An answer in two forms: for programs, and for people and models. */
export interface ToolOutput {
  structuredContent: Record<string, unknown>;
  text: string;
}
