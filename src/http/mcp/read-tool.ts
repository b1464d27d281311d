// The tool that reads a file: a page of it, or the lines around one.
import { TimeSlice } from '../../concurrency/time-slice.js';
import { AppError } from '../../errors.js';
import type { Answer, Summary } from '../../search/engine.js';
import type { QueryEngine, Result } from '../../search/query.js';
import type { Action, Actions } from '../api/actions.js';
import { linesAround } from './lines-around.js';
import { pageSchema, renderPageAnswer } from './page-answer.js';
import { parseReadArguments, readFields, type SelectedLines } from './read-fields.js';
import { type RenderedResult, ResultPage } from './result-page.js';
import { cutEnd } from './shorten-result.js';
import type { Tool } from './tool.js';

/** How many tokens a line takes at least. */
const MIN_LINE_TOKENS = 2;

export function createReadTool({ all }: Pick<Actions, 'all'>): Tool {
  return {
    title: 'Read a file',
    description: `Returns lines of a text file, with their numbers. With "line", it returns the lines around that line: pass the "file" and "line" of a result of "search" to see the text around it. Without "line", it returns a page of the file from "offset" on.

"results" are consecutive lines; the first has the number "first_line". To read on if the answer has "next_offset", repeat the call with that as "offset", and without "line", "n_before" and "n_after".`,
    action: 'all',
    fields: readFields,
    outputSchema: pageSchema(
      'lines',
      { type: 'string' },
      {
        file: { type: 'string' },
        first_line: { type: 'integer', minimum: 1, description: 'the number of the first line in `results`' },
      },
    ),
    async run(input, { engine, signal, setSubject }) {
      const selected = parseReadArguments(input);
      setSubject({ dictionary: selected.file });
      const file = await pathOf(selected.file, engine, signal);
      const most = Math.ceil(selected.maxTokens / MIN_LINE_TOKENS);
      const nresults = selected.nresults > 0 ? Math.min(selected.nresults, most) : most;
      const request = { dictionary: file, offset: selected.offset, nresults };
      const { run } = (all as Action).parse(request, { convert: false });
      const { page, offset, summary } = await collectLines(run(engine, signal), file, selected);
      return renderPageAnswer(page, {
        noun: 'lines',
        total: summary.nrOfEntries,
        offset,
        truncated: summary.truncated,
        more: { file, first_line: offset + 1 },
        notes: [`File: ${file}`],
        nextPageHint: selected.line === undefined ? '' : ', without line, n_before and n_after',
      });
    },
  };
}

/** Returns the path of a file. Throws `invalid_request` for a folder of several files. */
async function pathOf(name: string, engine: QueryEngine, signal: AbortSignal): Promise<string> {
  const files = await engine.files(name, signal);
  const [first] = files;
  if (first !== undefined && files.length === 1) return first.file;
  const shown = JSON.stringify(name);
  throw new AppError(
    'invalid_request',
    `"file" must be the path of a file, got ${shown}, a dictionary of ${files.length} files. list_files lists them.`,
    { reason: '"file" must be the path of a file.' },
  );
}

interface CollectedLines {
  page: ResultPage<string>;
  /** The number of lines before the page. */
  offset: number;
  summary: Summary;
}

async function collectLines(answer: Answer<Result>, file: string, selected: SelectedLines): Promise<CollectedLines> {
  const { line, maxTokens } = selected;
  const page = new ResultPage<string>(maxTokens, file);
  const slice = new TimeSlice();
  const lines: RenderedResult<string>[] = [];
  let number = selected.offset;
  for (;;) {
    if (slice.isExpired) await slice.yieldToEventLoop();
    const step = await answer.next();
    if (step.done) {
      const { nrOfEntries } = step.value;
      if (line === undefined) return { page, offset: selected.offset, summary: step.value };
      assertLineExists(line, nrOfEntries, file);
      const { first, kept } = linesAround(lines, line - 1 - selected.offset, page);
      for (const rendered of kept) page.add(rendered);
      return { page, offset: selected.offset + first, summary: step.value };
    }
    for (const text of step.value as string[]) {
      number += 1;
      if (page.isFull) continue;
      const rendered = renderLine(number, text, page.maxResultTokens);
      if (line === undefined) page.add(rendered);
      else lines.push(rendered);
    }
  }
}

/** Leaves room for the line's number: the answer has the line twice, and its number once. */
function renderLine(number: number, text: string, maxTokens: number): RenderedResult<string> {
  const cut = cutEnd(text, maxTokens / 2 - 8);
  return { result: cut, text: `${number}: ${cut}`, isShortened: cut !== text };
}

function assertLineExists(line: number, lines: number, file: string): void {
  if (line <= lines) return;
  const shown = JSON.stringify(file);
  throw new AppError('invalid_request', `"line" must be at most ${lines}, the last line of ${shown}, got ${line}.`, {
    reason: '"line" must be at most the number of lines of the file.',
  });
}
