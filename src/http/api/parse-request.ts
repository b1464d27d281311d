// Parses the body of an API request: which action, and with which fields.
import { type ReadOptions, renderValue } from '../../config/field-table.js';
import { AppError } from '../../errors.js';
import type { Action, ActionName, ActionValues, Run } from './actions.js';
import type { Escape } from './escape.js';
import { oneOfText } from './field-kinds.js';

export interface ParsedRequest {
  /** The name of the action. */
  action: ActionName;
  /** How to escape the texts of the answer. */
  escaping: Escape;
  /** The dictionary, if the request names one. */
  dictionary: string | undefined;
  /** The terms, if the action is a search. */
  term: string | undefined;
  /** Equal for equal requests; `undefined` if the answer must not be cached. */
  cacheKey: string | undefined;
  /** The columns of a table of the results; `undefined` if they are strings. */
  columns: readonly string[] | undefined;
  run: Run;
}

/** The actions that a request may name. */
export type ActionTable = Readonly<Record<string, Action>>;

/** Throws `invalid_json` or `invalid_request`. The message says what was expected and received. */
export function parseRequest(actions: ActionTable, body: unknown): ParsedRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const expected = 'The body must be a JSON object';
    throw new AppError('invalid_json', `${expected}, got ${renderValue(body)}.`, { reason: `${expected}.` });
  }
  const { action, ...input } = body as { action?: unknown };
  return parseAction(actions, action, input, { convert: false });
}

/**
 * Parses the fields of an action. Throws `invalid_request`.
 * @param options whether to convert text, as in a query
 */
export function parseAction(
  actions: ActionTable,
  name: unknown,
  input: object,
  options: Pick<ReadOptions, 'convert'>,
): ParsedRequest {
  assertActionName(actions, name);
  const action = actions[name] as Action;
  const fields = Object.keys(action.fields);
  const unknown = (field: string) =>
    `${renderValue(field)} is not a field of action "${name}". Fields: action, ${fields.join(', ')}`;
  const { values, terms, columns, run } = action.parse(input, { ...options, unknown });
  const { escape: escaping = 'json', dictionary } = values;
  return {
    action: name,
    escaping,
    dictionary,
    term: terms.length === 0 ? undefined : terms.join(' '),
    cacheKey: isRepeatable(action, values)
      ? JSON.stringify([name, escaping, ...fields.map((field) => values[field as keyof ActionValues])])
      : undefined,
    columns,
    run,
  };
}

function assertActionName(actions: ActionTable, name: unknown): asserts name is ActionName {
  // A plain lookup would also find `constructor`.
  if (typeof name === 'string' && Object.hasOwn(actions, name)) return;
  const names = oneOfText(Object.keys(actions));
  if (name === undefined) throw new AppError('invalid_request', `"action" is required: ${names}.`);
  const expected = `"action" must be ${names}`;
  throw new AppError('invalid_request', `${expected}, got ${renderValue(name)}.`, { reason: `${expected}.` });
}

/** Whether equal requests get equal answers. Random draws without a seed don't. */
function isRepeatable({ isCacheable }: Action, { order, seed }: ActionValues): boolean {
  return isCacheable && (order !== 'random' || seed !== undefined);
}
