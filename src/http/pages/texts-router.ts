// Texts to read.
import Router from '@koa/router';
import Joi from 'joi';
import { AppError } from '../../errors.js';
import type { Fields } from '../../fields.js';
import type { CountedFile, SearchEngine } from '../../search/engine.js';
import { revalidated } from '../caching.js';
import { Deadline } from '../deadline.js';
import { readRequestFields } from '../request-fields.js';
import { routes } from '../routes.js';
import { textAddress } from './addresses.js';
import type { Assets } from './assets.js';
import { SHOWN_LENGTH } from './excerpt.js';
import { failOnPage } from './fail-on-page.js';
import { LINES_BEFORE, PAGE_LINES, renderFolderPage, renderTextPage, renderTextsPage } from './text-page.js';

export interface TextsParts {
  engine: SearchEngine;
  assets: Assets;
  searchTimeoutMs: number;
}

const lineNumber = {
  schema: Joi.number().unsafe().integer().min(1),
  expects: 'the number of a line, an integer from 1 on',
};

export const textFields: Fields = {
  line: { ...lineNumber, means: 'the line to show, and what is around it' },
  from: { ...lineNumber, means: 'the first line to show' },
};

export function createTextsRouter({ engine, assets, searchTimeoutMs }: TextsParts): Router {
  const router = new Router();
  const failing = failOnPage(assets);

  router.get(routes.texts.path, revalidated, failing, async (ctx) => {
    ctx.type = 'html';
    ctx.body = renderTextsPage(assets, (await engine.dictionaries()).dictionaries);
  });

  router.get(`${routes.texts.path}/*name`, revalidated, failing, async (ctx) => {
    const name = ctx.params.name as string;
    const asked = readRequestFields<{ line?: number; from?: number }>(textFields, ctx.query, { convert: true });
    const { signal } = new Deadline(ctx.res, searchTimeoutMs);
    let files: CountedFile[];
    try {
      files = await engine.files(name, signal);
    } catch (error) {
      const file = withoutDictionary(name);
      if (file === undefined || !(error instanceof AppError)) throw error;
      return ctx.redirect(textAddress(file, asked.line));
    }
    ctx.type = 'html';
    const [only] = files;
    const isText = files.length === 1 && only !== undefined && !only.file.startsWith(`${name}/`);
    ctx.body = isText ? await renderText(only, asked, signal) : renderFolderPage(assets, name, files);
  });

  return router;

  async function renderText(
    { file, lines }: CountedFile,
    { line, from }: { line?: number; from?: number },
    signal: AbortSignal,
  ): Promise<string> {
    const wanted = line === undefined ? (from ?? 1) : line - LINES_BEFORE;
    // What is beyond the end is as near to it as can be shown.
    const first = Math.max(1, wanted > lines ? lines - PAGE_LINES + 1 : wanted);
    const texts = await linesOf(file, first, signal);
    return renderTextPage(assets, { file, first, texts, lines, line, ...(await neighboursOf(file, signal)) });
  }

  async function linesOf(file: string, first: number, signal: AbortSignal): Promise<string[]> {
    const query = { nresults: PAGE_LINES, offset: first - 1, unit: 'line', order: 'file', format: 'text' } as const;
    const texts: string[] = [];
    for await (const entries of engine.all({ dictionary: file, ...query }, signal)) {
      texts.push(...entries.map((entry) => shorten(String(entry))));
      // How many there are is known already.
      if (texts.length === PAGE_LINES) break;
    }
    return texts;
  }

  /** The files before and after a file in its dictionary. */
  async function neighboursOf(file: string, signal: AbortSignal) {
    const [dictionary] = file.split('/', 1);
    const files = dictionary === file ? [] : await engine.files(dictionary, signal);
    const at = files.findIndex((other) => other.file === file);
    return { previous: files[at - 1]?.file, next: at === -1 ? undefined : files[at + 1]?.file };
  }
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

function shorten(text: string): string {
  return text.length > SHOWN_LENGTH ? `${Buffer.from(text.slice(0, SHOWN_LENGTH))}…` : text;
}
