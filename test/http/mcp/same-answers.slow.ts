// The tools answer generated questions as POST does.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { connectMcp, type McpClient } from '../../helpers/mcp.js';
import { useFixtureApp } from '../../helpers/use-app.js';
import { generatedBody } from '../api/search-questions.js';

const QUESTIONS = 500;
const CONCURRENCY = 8;
/** Most of the generated questions have no entries. */
const FREQUENT_TERMS = ['love', 'o', 'love', 'LOVE', 'e'];
const LARGER_DICTIONARIES = ['words.txt', 'folder', 'mixed', ['plain.txt', 'quotes.txt', 'folder'], 'marked', '*'];
/** Everything fits, so that answers are whole. */
const MAX_TOKENS = 100_000;

function withEntries({ all_of: _, ...body }: Record<string, unknown>, at: number): Record<string, unknown> {
  const term = FREQUENT_TERMS[at % FREQUENT_TERMS.length];
  return { ...body, term, dictionary: LARGER_DICTIONARIES[at % LARGER_DICTIONARIES.length] };
}

describe('the tools of MCP', function () {
  this.timeout(60_000);
  const suite = useFixtureApp();
  let mcp: McpClient;
  before(async () => {
    await rm(join(suite.dictionaries, 'damaged.txt.gz'));
    mcp = await connectMcp(suite.url);
  });
  after(() => mcp.client.close());

  it(`give the same answers as POST to ${QUESTIONS} questions`, async () => {
    const questions = generatedBody.filter(
      (body) => 'action' in body && ['search', 'count'].includes(String(body.action)),
    );
    const outcomes = { succeeded: 0, failed: 0, entries: 0 };
    const compare = async (body: Record<string, unknown>) => {
      const { action, ...fields } = body as unknown as { action: string; format?: string };
      const format = action === 'search' ? { format: fields.format ?? 'text' } : {};
      const posted = await suite.app.post(body);
      const answer = (await posted.json()) as Record<string, unknown> & { message: string; results: unknown[] };
      const input = { ...fields, ...format, max_tokens: MAX_TOKENS };
      const { isError, text, structured } = await mcp.call(action, input);
      expect(isError, JSON.stringify(body)).to.equal(posted.status !== 200);
      if (isError) {
        outcomes.failed += 1;
        // The tool names its own arguments.
        if (!('nope' in body)) expect(`${text} See /api/v1/web for instructions.`).to.equal(answer.message);
        return;
      }
      const { offset: _, next_offset: __, 'nr of files': ___, ...compared } = structured;
      expect(compared, JSON.stringify(body)).to.deep.equal(answer);
      outcomes.succeeded += 1;
      outcomes.entries += answer.results.length;
    };
    const sampled = fc.sample(questions, { seed: 23, numRuns: QUESTIONS }) as Record<string, unknown>[];
    const bodies = sampled.map((body, at) => (at % 3 === 0 ? body : withEntries(body, at)));
    while (bodies.length > 0) await Promise.all(bodies.splice(0, CONCURRENCY).map(compare));
    expect(outcomes.succeeded).to.be.above(QUESTIONS / 2);
    expect(outcomes.failed).to.be.above(QUESTIONS / 20);
    expect(outcomes.entries).to.be.above(QUESTIONS);
  });
});
