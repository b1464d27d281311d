// The pages of texts: the list, folders, and files by lines.

import Joi from 'joi';
import { type FieldValues, field } from '../../config/field-table.js';
import { AppError } from '../../errors.js';
import type { DictionaryList, ListedFile, SearchEngine } from '../../search/engine.js';
import { revalidate } from '../middleware/caching.js';
import { Deadline } from '../middleware/deadline.js';
import { renderOnce } from '../render-once.js';
import { parseRequestFields } from '../request-fields.js';
import { createRouter, type RequestRouter } from '../request-state.js';
import { routes } from '../routes.js';
import type { Assets } from './assets.js';
import { copyOf, MAX_EXCERPT_LENGTH } from './excerpt.js';
import { renderFolderPage, renderTextsPage } from './folder-page.js';
import { ALL_TEXTS, selectTexts, textListFields, toTextList } from './text-list.js';
import { renderTextPage, type ShownLine } from './text-page.js';
import { textUrl } from './urls.js';

export interface TextsParts {
  engine: SearchEngine;
  assets: Assets;
  searchTimeoutMs: number;
}

const LINES_PER_PAGE = 60;
/** How many of them to show before the requested line. */
const LINES_BEFORE = 12;

const number = Joi.number().unsafe().integer();
const fromOne = 'an integer, 1 or more';

export const textFields = {
  line: field<number | undefined>({
    schema: number.min(1),
    expected: fromOne,
    description: 'a line to show, with the lines around it',
  }),
  at: field<number>({
    schema: number.min(0).default(0),
    expected: 'an integer, 0 or more',
    description: 'where to begin in that line if it is long, in UTF-16 code units',
  }),
  ...textListFields,
};

interface Neighbors {
  previous: string | undefined;
  next: string | undefined;
}

const NO_NEIGHBORS: Neighbors = { previous: undefined, next: undefined };

type TextQuery = FieldValues<typeof textFields>;

export function createTextsRouter({ engine, assets, searchTimeoutMs }: TextsParts): RequestRouter {
  const router = createRouter();
  const renderList = renderOnce(({ dictionaries }: DictionaryList) =>
    renderTextsPage(assets, toTextList(dictionaries, ALL_TEXTS, dictionaries.length)),
  );

  router.get(routes.texts.path, revalidate, async (ctx) => {
    const query = parseRequestFields(textListFields, ctx.query, { convert: true });
    const { signal } = new Deadline(ctx.res, searchTimeoutMs);
    const list = await engine.dictionaries(signal);
    ctx.type = 'html';
    if (query.filter !== '' || query.from > 1) {
      ctx.body = renderTextsPage(assets, await selectTexts(list.dictionaries, query, ({ name }) => name, signal));
      return;
    }
    const { body, etagSeed } = renderList(list);
    ctx.body = body;
    ctx.state.etagSeed = etagSeed;
  });

  router.get(`${routes.texts.path}/*name`, revalidate, async (ctx) => {
    const name = ctx.params.name as string;
    ctx.state.dictionary = name;
    const query = parseRequestFields(textFields, ctx.query, { convert: true });
    const { signal } = new Deadline(ctx.res, searchTimeoutMs);
    let files: readonly ListedFile[];
    try {
      files = await engine.files(name, signal);
    } catch (error) {
      const file = withoutRepeatedDictionary(name);
      if (file === undefined || !isUnknown(error)) throw error;
      return ctx.redirect(`${textUrl(file)}${ctx.search}${query.line === undefined ? '' : `#L${query.line}`}`);
    }
    ctx.type = 'html';
    const [only] = files;
    const isText = files.length === 1 && only !== undefined && !only.file.startsWith(`${name}/`);
    if (isText) {
      ctx.body = await renderText(only.file, query, signal);
      return;
    }
    const nameOf = ({ file }: ListedFile) => file.slice(name.length + 1);
    ctx.body = renderFolderPage(assets, name, await selectTexts(files, query, nameOf, signal));
  });

  return router;

  async function renderText(file: string, { line, at, from }: TextQuery, signal: AbortSignal): Promise<string> {
    const lineCount = (await engine.lineCounts(file, signal)).get(file) ?? 0;
    const start = line === undefined ? from : line - LINES_BEFORE;
    // Beyond the end, show the last page.
    const first = Math.max(1, start > lineCount ? lineCount - LINES_PER_PAGE + 1 : start);
    const shownLines = await readLines(file, first, signal, (number) => (number === line ? at : 0));
    const page = { file, first, shownLines, lineCount, linesPerPage: LINES_PER_PAGE, line };
    return renderTextPage(assets, { ...page, ...(await findNeighbors(file, signal)) });
  }

  /** @param offsetIn where to begin in a line */
  async function readLines(
    file: string,
    first: number,
    signal: AbortSignal,
    offsetIn: (line: number) => number,
  ): Promise<ShownLine[]> {
    const query = { nresults: LINES_PER_PAGE, offset: first - 1, unit: 'line', order: 'file', format: 'text' } as const;
    const shown: ShownLine[] = [];
    for await (const entries of engine.all({ dictionary: file, ...query }, signal)) {
      for (const entry of entries) shown.push(toShownLine(String(entry), offsetIn(first + shown.length)));
      // Reading on would only count the lines, and the count is known.
      if (shown.length === LINES_PER_PAGE) break;
    }
    return shown;
  }

  /** Returns a file's neighbors in its dictionary, or none if its folder can't be listed. */
  async function findNeighbors(file: string, signal: AbortSignal): Promise<Neighbors> {
    const [dictionary] = file.split('/', 1);
    if (dictionary === file) return NO_NEIGHBORS;
    try {
      const files = await engine.files(dictionary, signal);
      const index = files.findIndex((other) => other.file === file);
      return index === -1 ? NO_NEIGHBORS : { previous: files[index - 1]?.file, next: files[index + 1]?.file };
    } catch (error) {
      if (signal.aborted || !(error instanceof AppError)) throw error;
      return NO_NEIGHBORS;
    }
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof AppError && error.code === 'unknown_dictionary';
}

/**
 * Removes a repeated dictionary. Entries have the whole path of their file, and a caller may have
 * put the dictionary in front of it again. Returns `undefined` if the name repeats none.
 */
function withoutRepeatedDictionary(name: string): string | undefined {
  const parts = name.split('/');
  for (let length = 1; length <= parts.length / 2; length += 1) {
    const dictionary = parts.slice(0, length).join('/');
    const file = parts.slice(length).join('/');
    if (file === dictionary || file.startsWith(`${dictionary}/`)) return file;
  }
  return undefined;
}

/** Truncates a line to the maximum length. An offset beyond the end counts as 0. */
function toShownLine(line: string, requestedOffset: number): ShownLine {
  const { length } = line;
  const offset = requestedOffset < length ? requestedOffset : 0;
  if (offset === 0 && length <= MAX_EXCERPT_LENGTH) return { text: line, offset, length };
  return { text: copyOf(line.slice(offset, offset + MAX_EXCERPT_LENGTH)), offset, length };
}
