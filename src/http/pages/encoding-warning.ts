// Warnings about texts that aren't in UTF-8 and declare no encoding, in which not all can match.
import { AppError } from '../../errors.js';
import { ALL_DICTIONARIES } from '../../search/dictionary-selector.js';
import type { DictionaryList, ListedFile, SearchEngine } from '../../search/engine.js';
import { type Html, html, renderText } from './html.js';

/** More of them would hide the results. */
const MAX_WARNINGS = 3;

/** Renders nothing if there is no warning. */
export function renderEncodingWarning(name: string, warning: string | undefined): Html {
  return html`${warning === undefined ? '' : html`<p class="warning"><b>${name}</b> ${renderText(warning)}</p>\n`}`;
}

/** Renders the warning beside the name of a text. */
export function renderEncodingNote(warning: string | undefined): Html {
  return html`${warning === undefined ? '' : html`<span class="note">${renderText(warning)}</span>`}`;
}

export interface EncodingWarning {
  /** The name of a text. */
  name: string;
  warning: string;
}

export function renderEncodingWarnings(warnings: readonly EncodingWarning[] = []): Html {
  const shown = warnings.slice(0, MAX_WARNINGS).map(({ name, warning }) => renderEncodingWarning(name, warning));
  const more = warnings.length - shown.length;
  return html`${shown}${more <= 0 ? '' : html`<p class="warning">${more} more texts aren't in UTF-8.</p>\n`}`;
}

/**
 * Returns the warnings about the texts of a search.
 *
 * @param names the names that the request has, or `*` for all texts
 */
export async function encodingWarningsOf(
  { engine, list }: { engine: SearchEngine; list: DictionaryList },
  names: readonly string[],
  signal: AbortSignal,
): Promise<EncodingWarning[]> {
  const warnings: EncodingWarning[] = [];
  const isListed = new Set(list.dictionaries.map(({ name }) => name));
  for (const { name, warning } of list.dictionaries) {
    if (warning !== undefined && (names.includes(name) || names.includes(ALL_DICTIONARIES)))
      warnings.push({ name, warning });
  }
  // A file in a folder, or a name without its suffix.
  for (const name of names.filter((each) => each !== ALL_DICTIONARIES && !isListed.has(each))) {
    for (const { file, warning } of await filesOf(engine, name, signal)) {
      if (warning !== undefined) warnings.push({ name: file, warning });
    }
  }
  return warnings;
}

/** Returns no files if the text has gone meanwhile: the results are complete without a warning. */
async function filesOf(engine: SearchEngine, name: string, signal: AbortSignal): Promise<readonly ListedFile[]> {
  try {
    return await engine.files(name, signal);
  } catch (error) {
    if (signal.aborted || !(error instanceof AppError)) throw error;
    return [];
  }
}
