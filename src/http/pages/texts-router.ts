// The pages of texts: the list, folders, and files by lines.

import Joi from 'joi';
import { type FieldValues, field } from '../../config/field-table.js';
import { AppError } from '../../errors.js';
import { selectsSeveral } from '../../search/dictionary-selector.js';
import type { DictionaryList, ListedFile } from '../../search/engine.js';
import type { QueryEngine } from '../../search/query.js';
import { assertActionAllowed, engineOf, isActionAllowed } from '../access.js';
import type { Actions } from '../api/actions.js';
import { revalidate } from '../middleware/caching.js';
import { Deadline } from '../middleware/deadline.js';
import { renderOnce } from '../render-once.js';
import { parseRequestFields } from '../request-fields.js';
import { createRouter, type RequestRouter } from '../request-state.js';
import { routes } from '../routes.js';
import type { Assets } from './assets.js';
import { renderFolderPage, renderTextsPage } from './folder-page.js';
import { searchText } from './search-text.js';
import { ALL_TEXTS, selectTexts, textListFields, toTextList } from './text-list.js';
import { renderTextPage } from './text-page.js';
import { findNeighbors, readLines } from './text-reader.js';
import { createTextSearchParser, type TextSearch } from './text-search.js';
import { textUrl } from './urls.js';

export interface TextsParts {
  actions: Actions;
  assets: Assets;
  searchTimeoutMs: number;
  /** Where texts can be added, if that is allowed. */
  uploads: { limits: { maxBytes: number } } | undefined;
}

const LINES_PER_PAGE = 60;
/** How many of them to show before the requested line. */
const LINES_BEFORE = 12;

const number = Joi.number().unsafe().integer();

export const textFields = {
  line: field<number | undefined>({
    schema: number.min(1),
    expected: 'an integer, 1 or more',
    description: 'a line to show, with the lines around it',
  }),
  at: field<number | undefined>({
    schema: number.min(0),
    expected: 'an integer, 0 or more',
    description: 'where to begin in that line if it is long, in UTF-16 code units',
    default: 'the start of the line, or near its first match',
  }),
  ...textListFields,
};

type TextQuery = FieldValues<typeof textFields>;

export function createTextsRouter({ actions, assets, searchTimeoutMs, uploads }: TextsParts): RequestRouter {
  const router = createRouter();
  const parseSearch = createTextSearchParser(actions);
  const maxUploadBytes = uploads?.limits.maxBytes;
  const renderList = renderOnce(({ dictionaries }: DictionaryList) =>
    renderTextsPage(assets, toTextList(dictionaries, ALL_TEXTS, dictionaries.length), maxUploadBytes),
  );

  router.get(routes.texts.path, revalidate, async (ctx) => {
    const query = parseRequestFields(textListFields, ctx.query, { convert: true });
    const { signal } = new Deadline(ctx.res, searchTimeoutMs);
    const list = await engineOf(ctx).dictionaries(signal);
    ctx.type = 'html';
    if (query.filter !== '' || query.from > 1) {
      ctx.body = renderTextsPage(
        assets,
        await selectTexts(list.dictionaries, query, ({ name }) => name, signal),
        maxUploadBytes,
      );
      return;
    }
    const { body, etagSeed } = renderList(list);
    ctx.body = body;
    ctx.state.etagSeed = etagSeed;
  });

  router.get(`${routes.texts.path}/*name`, revalidate, async (ctx) => {
    const name = ctx.params.name as string;
    ctx.state.dictionary = name;
    if (selectsSeveral(name)) throw new AppError('unknown_dictionary', 'A text can only be shown on its own.');
    const query = parseRequestFields(textFields, ctx.query, { convert: true });
    const { signal } = new Deadline(ctx.res, searchTimeoutMs);
    const engine = engineOf(ctx);
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
    assertActionAllowed(ctx, isText ? 'all' : 'list');
    if (isText) {
      const search = isActionAllowed(ctx, 'search') ? parseSearch(ctx, only.file) : undefined;
      ctx.state.term = search?.terms;
      ctx.body = await renderText(engine, only, query, search, signal);
      return;
    }
    const nameOf = ({ file }: ListedFile) => file.slice(name.length + 1);
    ctx.body = renderFolderPage(assets, name, await selectTexts(files, query, nameOf, signal));
  });

  return router;

  async function renderText(
    engine: QueryEngine,
    { file, warning }: ListedFile,
    { line, at, from }: TextQuery,
    search: TextSearch | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    const lineCount = (await engine.lineCounts(file, signal)).get(file) ?? 0;
    const start = line === undefined ? from : line - LINES_BEFORE;
    // Beyond the end, show the last page.
    const first = Math.max(1, start > lineCount ? lineCount - LINES_PER_PAGE + 1 : start);
    const window = { first, last: first + LINES_PER_PAGE - 1, line };
    const found = search && (await searchText(engine, file, search, { window, signal, searchTimeoutMs }));
    const matches = found?.hits?.matches ?? new Map();
    const lines = {
      first,
      count: LINES_PER_PAGE,
      offsetIn: (number: number) => (number === line ? at : undefined),
      matches,
    };
    const shownLines = await readLines(engine, file, lines, signal);
    const page = { file, first, shownLines, lineCount, linesPerPage: LINES_PER_PAGE, line, warning, found };
    return renderTextPage(assets, { ...page, ...(await findNeighbors(engine, file, signal)) });
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
