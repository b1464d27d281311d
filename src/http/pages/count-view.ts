// The counts view: where the matches are, and how many entries and matches each file has.
import type { Fields } from '../../config/field-table.js';
import type { Dispersion } from '../../search/dispersion.js';
import type { Answer, Summary } from '../../search/engine.js';
import type { FileCount } from '../../search/query.js';
import { renderBar } from './bar.js';
import { renderPlot } from './dispersion-plot.js';
import { type Html, html } from './html.js';
import { renderNumber } from './numbers.js';
import type { PageQuery } from './page-fields.js';
import { renderPaging, renderPosition } from './paging.js';
import { searchUrl } from './urls.js';
import { entryNoun, nameInFolder, nameOfSource, type ViewContext } from './view-context.js';

/** The counts on a page, with what the page needs to know of the others. */
export interface CountPage extends Summary {
  counts: FileCount[];
  nrOfFiles: number;
  nrOfMatches: number;
  maxPerMillionWords: number;
}

export interface CountResults extends ViewContext, CountPage {
  view: 'count';
  /** The fields of the list view, for links to the entries of a file. */
  listFields: Fields;
  /** `undefined` if it couldn't be computed in time. */
  dispersion: Dispersion | undefined;
}

/** Keeps only the counts on the page. */
export async function collectCounts(
  answer: Answer<FileCount>,
  { offset, nresults }: Pick<PageQuery, 'offset' | 'nresults'>,
): Promise<CountPage> {
  const counts: FileCount[] = [];
  let nrOfFiles = 0;
  let nrOfMatches = 0;
  let maxPerMillionWords = 0;
  for (;;) {
    const step = await answer.next();
    if (step.done) return { ...step.value, counts, nrOfFiles, nrOfMatches, maxPerMillionWords };
    for (const count of step.value) {
      if (nrOfFiles >= offset && counts.length < nresults) counts.push(count);
      nrOfFiles += 1;
      nrOfMatches += count.matches;
      maxPerMillionWords = Math.max(maxPerMillionWords, count.per_million_words);
    }
  }
}

export function renderCountsCount(results: CountResults): Html {
  const { query, nrOfEntries, nrOfFiles, nrOfMatches, dictionary } = results;
  const matches = `${renderNumber(nrOfMatches)} ${nrOfMatches === 1 ? 'occurrence' : 'occurrences'}`;
  const files = nrOfFiles === 1 ? '' : ` in ${renderNumber(nrOfFiles)} files`;
  return html`<b>${renderNumber(nrOfEntries)}</b> ${entryNoun(query, nrOfEntries)} of <b dir="auto">${nameOfSource(dictionary)}</b> with ${matches}${files}${renderPosition(results)}`;
}

export function renderCounts(results: CountResults): Html {
  const { query, counts, nrOfFiles, dispersion } = results;
  if (nrOfFiles === 0) return html``;
  const rows = counts.map((count) => renderRow(count, results));
  return html`${renderPlot(dispersion, results)}
<table class="data bars">
<thead><tr><th scope="col">File</th><th scope="col" class="number">${query.unit === 'quote' ? 'Quotes' : 'Lines'}</th><th scope="col" class="number">Matches</th><th scope="col" class="number"><span class="wide-only">Per million words</span><abbr class="narrow-only" title="per million words">Per M</abbr></th><td></td></tr></thead>
<tbody>
${rows}</tbody>
</table>
${renderPaging(results, counts.length, nrOfFiles)}`;
}

function renderRow({ file, entries, matches, per_million_words }: FileCount, results: CountResults): Html {
  const { query, listFields, dictionary, maxPerMillionWords } = results;
  const { view: _, files: __, nresults: ___, ...conditions } = query;
  const address = searchUrl(listFields, { ...conditions, dictionary: file, offset: 0 });
  const rate = renderNumber(Math.round(per_million_words));
  return html`<tr><th scope="row"><a href="${address}" dir="auto">${nameInFolder(file, dictionary) ?? file}</a></th><td class="number">${renderNumber(entries)}</td><td class="number">${renderNumber(matches)}</td><td class="number">${rate}</td><td>${renderBar(per_million_words, maxPerMillionWords)}</td></tr>
`;
}
