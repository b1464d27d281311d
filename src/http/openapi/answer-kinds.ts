// The kinds of answers: the format of a request decides the type of its results, or its action does
// if it has no formats. Each kind has a schema, so generated clients can tell the answers apart.
import type { Action, Actions } from '../api/actions.js';
import { schemaOf } from './schemas.js';

/** Returns the formats of an action, the default one first; none if it has no such field. */
export function formatsOf({ fields }: Action): string[] {
  return fields.format === undefined ? [] : (schemaOf(fields.format).enum as string[]);
}

/** `kwic`, or `count` if the results of an action without formats are objects. */
export function kindOf(name: string, { example }: Action, format?: string): string {
  if (format !== undefined) return format;
  const { results } = example.answer as { results: unknown[] };
  return results.every((result) => typeof result === 'string') ? 'text' : name;
}

export function kindsOf(actions: Actions): string[] {
  const all = Object.entries<Action>(actions).flatMap(([name, action]) => {
    const formats = formatsOf(action);
    return formats.length > 0 ? formats : [kindOf(name, action)];
  });
  return [...new Set(all)];
}

/** The name of the schema. */
export const answerName = (kind: string): string => `${kind}Answer`;
