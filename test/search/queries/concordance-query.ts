// Queries for concordances with defaults filled in. Not a test file itself.
import type { Answer, Summary } from '../../../src/search/engine.js';
import type { ConcordanceLine, ConcordanceQuery, QueryTerm } from '../../../src/search/query.js';

interface ConcordanceOptions extends Partial<Omit<ConcordanceQuery, 'all_of'>> {
  term?: Partial<QueryTerm>;
}

export function concordanceQuery({ term, ...query }: ConcordanceOptions = {}): ConcordanceQuery {
  return {
    unit: 'line',
    all_of: [{ term: 'love', syntax: 'literal', ignore_case: false, field: 'term', ...term }],
    any_of: [],
    none_of: [],
    join_hyphens: false,
    ignore_marks: false,
    nresults: 0,
    offset: 0,
    width: 40,
    width_unit: 'characters',
    order: 'file',
    ...query,
  };
}

/** Collects an answer in one object. */
export async function collectLines(answer: Answer<ConcordanceLine>): Promise<Summary & { lines: ConcordanceLine[] }> {
  const lines: ConcordanceLine[] = [];
  for (;;) {
    const step = await answer.next();
    if (step.done) return { ...step.value, lines };
    lines.push(...step.value);
  }
}
