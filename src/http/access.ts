// Enforces the limits of a request's API key. Every route reads texts through `engineOf`, and
// asserts its action.
import type { KeyAction } from '../auth/key-limits.js';
import { AppError } from '../errors.js';
import type { QueryEngine } from '../search/query.js';
import type { RequestContext } from './request-state.js';

type Caller = Pick<RequestContext, 'engine' | 'state'>;

/** Returns the engine with the dictionaries that the caller may see. */
export function engineOf({ engine }: Pick<Caller, 'engine'>): QueryEngine {
  return engine;
}

export function isActionAllowed({ state }: Pick<Caller, 'state'>, action: string): boolean {
  const actions: readonly string[] | undefined = state.limits?.actions;
  return actions === undefined || actions.includes(action);
}

/** Throws `forbidden_action`. */
export function assertActionAllowed(caller: Pick<Caller, 'state'>, action: KeyAction): void {
  if (isActionAllowed(caller, action)) return;
  const { actions = [] } = caller.state.limits ?? {};
  throw new AppError('forbidden_action', `This API key doesn't allow "${action}". It allows: ${actions.join(', ')}.`);
}

/**
 * Returns a function that creates one value for each engine, and returns it again as long as the
 * engine is in use: callers with the same view share caches.
 */
export function perEngine<Value extends object>(
  create: (engine: QueryEngine) => Value,
): (caller: Pick<Caller, 'engine'>) => Value {
  const values = new WeakMap<QueryEngine, Value>();
  return (caller) => {
    const engine = engineOf(caller);
    const known = values.get(engine);
    if (known !== undefined) return known;
    const created = create(engine);
    values.set(engine, created);
    return created;
  };
}
