// Texts to read.

import Joi from 'joi';
import type { Fields } from '../../config/field-table.js';
import { AppError } from '../../errors.js';
import type { DictionaryList, ListedFile, SearchEngine } from '../../search/engine.js';
import { revalidate } from '../middleware/caching.js';
import { Deadline } from '../middleware/deadline.js';
import { renderOnce } from '../render-once.js';
import { parseRequestFields } from '../request-fields.js';
import { createRouter, type RequestRouter } from '../request-state.js';
import { routes } from '../routes.js';
import { textAddress } from './addresses.js';
import type { Assets } from './assets.js';
import { copyOf, SHOWN_LENGTH } from './excerpt.js';
import { renderFolderPage, renderTextsPage } from './folder-page.js';
import { renderTextPage, type ShownLine } from './text-page.js';

export interface TextsParts {
  engine: SearchEngine;
  assets: Assets;
  searchTimeoutMs: number;
}

/** What a page shows of a text: so many lines, and so many of these before the one that was asked for. */
const PAGE_LINES = 60;
const LINES_BEFORE = 12;

const number = Joi.number().unsafe().integer();
const fromOne = 'an integer from 1 on';

export const textFields = {
  line: { schema: number.min(1), expected: fromOne, description: 'the line to show, and what is around it' },
  at: {
    schema: number.min(0).default(0),
    expected: 'an integer, 0 or more',
    description: 'where in that line to begin, where it is long: in UTF-16 code units',
  },
  from: {
    schema: number.min(1).default(1),
    expected: fromOne,
    description: 'the first line to show, or the first file',
  },
} satisfies Fields;

interface Neighbours {
  previous: string | undefined;
  next: string | undefined;
}

const NO_NEIGHBOURS: Neighbours = { previous: undefined, next: undefined };

interface Wanted {
  line?: number;
  at: number;
  from: number;
}

export function createTextsRouter({ engine, assets, searchTimeoutMs }: TextsParts): RequestRouter {
  const router = createRouter();
  const renderList = renderOnce(({ dictionaries }: DictionaryList) => renderTextsPage(assets, dictionaries));

  router.get(routes.texts.path, revalidate, async (ctx) => {
    const { body, etagSeed } = renderList(await engine.dictionaries(new Deadline(ctx.res, searchTimeoutMs).signal));
    ctx.type = 'html';
    ctx.body = body;
    ctx.state.etagSeed = etagSeed;
  });

  router.get(`${routes.texts.path}/*name`, revalidate, async (ctx) => {
    const name = ctx.params.name as string;
    ctx.state.dictionary = name;
    const wanted = parseRequestFields<Wanted>(textFields, ctx.query, { convert: true });
    const { signal } = new Deadline(ctx.res, searchTimeoutMs);
    let files: readonly ListedFile[];
    try {
      files = await engine.files(name, signal);
    } catch (error) {
      const file = withoutDictionary(name);
      if (file === undefined || !isUnknown(error)) throw error;
      return ctx.redirect(`${textAddress(file)}${ctx.search}${wanted.line === undefined ? '' : `#L${wanted.line}`}`);
    }
    ctx.type = 'html';
    const [only] = files;
    const isText = files.length === 1 && only !== undefined && !only.file.startsWith(`${name}/`);
    ctx.body = isText
      ? await renderText(only.file, wanted, signal)
      : renderFolderPage(assets, name, files, wanted.from);
  });

  return router;

  async function renderText(file: string, { line, at, from }: Wanted, signal: AbortSignal): Promise<string> {
    const lines = (await engine.lineCounts(file, signal)).get(file) ?? 0;
    const wanted = line === undefined ? from : line - LINES_BEFORE;
    // What is beyond the end is as near to it as can be shown.
    const first = Math.max(1, wanted > lines ? lines - PAGE_LINES + 1 : wanted);
    const shown = await linesOf(file, first, signal, (number) => (number === line ? at : 0));
    const page = { file, first, shown, lines, pageLines: PAGE_LINES, line };
    return renderTextPage(assets, { ...page, ...(await neighboursOf(file, signal)) });
  }

  /** @param atOf where in a line what is shown of it begins */
  async function linesOf(
    file: string,
    first: number,
    signal: AbortSignal,
    atOf: (line: number) => number,
  ): Promise<ShownLine[]> {
    const query = { nresults: PAGE_LINES, offset: first - 1, unit: 'line', order: 'file', format: 'text' } as const;
    const shown: ShownLine[] = [];
    for await (const entries of engine.all({ dictionary: file, ...query }, signal)) {
      for (const entry of entries) shown.push(partOf(String(entry), atOf(first + shown.length)));
      // How many there are is known already.
      if (shown.length === PAGE_LINES) break;
    }
    return shown;
  }

  /** Returns a file's neighbours in its dictionary, or none if its folder can't be listed. */
  async function neighboursOf(file: string, signal: AbortSignal): Promise<Neighbours> {
    const [dictionary] = file.split('/', 1);
    if (dictionary === file) return NO_NEIGHBOURS;
    try {
      const files = await engine.files(dictionary, signal);
      const at = files.findIndex((other) => other.file === file);
      return at === -1 ? NO_NEIGHBOURS : { previous: files[at - 1]?.file, next: files[at + 1]?.file };
    } catch (error) {
      if (signal.aborted || !(error instanceof AppError)) throw error;
      return NO_NEIGHBOURS;
    }
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof AppError && error.code === 'unknown_dictionary';
}

/** The path of a file as entries give it begins with its dictionary: a caller may have put the dictionary before it once more. */
function withoutDictionary(name: string): string | undefined {
  const parts = name.split('/');
  for (let length = 1; length <= parts.length / 2; length += 1) {
    const dictionary = parts.slice(0, length).join('/');
    const file = parts.slice(length).join('/');
    if (file === dictionary || file.startsWith(`${dictionary}/`)) return file;
  }
  return undefined;
}

/** What is shown of a line: what is beyond its end is its beginning. */
function partOf(text: string, at: number): ShownLine {
  const { length } = text;
  const begin = at < length ? at : 0;
  if (begin === 0 && length <= SHOWN_LENGTH) return { text, at: 0, length };
  return { text: copyOf(text.slice(begin, begin + SHOWN_LENGTH)), at: begin, length };
}
