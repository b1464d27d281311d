// The fields of the search page for several terms.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { useFixtureApp } from '../../helpers/use-app.js';

describe('more conditions on the search page', () => {
  const suite = useFixtureApp();

  async function get(query: string): Promise<string> {
    return (await fetch(`${suite.url}/?${query}`)).text();
  }

  const entriesOn = (page: string) =>
    [...page.matchAll(/<blockquote dir="auto">(.*?)<\/blockquote>/gs)].map(([, entry = '']) =>
      entry.replace(/<[^>]*>/g, ''),
    );
  const countOn = (page: string) =>
    (/<p id="count"[^>]*>(.*?)<\/p>/s.exec(page)?.[1] ?? '').replace(/<[^>]*>/g, '').replace(/ in [\d.]+ m?s$/, '');

  it('are closed and empty unless one is used', async () => {
    expect(await get('term=love')).to.include('<details id="conditions"><summary>');
    for (const used of ['all_of=a', 'none_of=a', 'files=a*', 'join_hyphens=true']) {
      expect(await get(`term=love&${used}`), used).to.include('<details id="conditions" open><summary>');
    }
  });

  it('separate terms by commas or by parameters, and show them in one field', async () => {
    const shown = 'name="all_of" value="love, four"';
    for (const query of [
      'all_of=love,+four',
      'all_of=love&all_of=four',
      'all_of=love&all_of=&all_of=four',
      'all_of=,love,,four',
    ]) {
      const page = await get(query);
      expect(entriesOn(page), query).to.deep.equal(['four love']);
      expect(page, query).to.include(shown);
    }
    for (const query of ['all_of="a,b",c', 'all_of=a,b&all_of=c']) {
      expect(await get(query), query).to.include('name="all_of" value="&quot;a,b&quot;, c"');
    }
  });

  it('can replace the term', async () => {
    const page = await get('any_of=four,five&none_of=five');
    expect(entriesOn(page)).to.deep.equal(['four love']);
    expect(countOn(page)).to.equal('1 line of plain.txt');
    expect(page).to.include('<title>four, five, not five – grepd</title>');
    expect(page).to.not.match(/name="term"[^>]* required/);
    expect(countOn(await get('none_of=love'))).to.equal('5 lines of plain.txt');
    expect(countOn(await get('term=love&all_of=nothing'))).to.equal(
      'No results: no line of plain.txt meets all conditions',
    );
  });

  it('include globs that select files', async () => {
    expect(countOn(await get('term=love&dictionary=folder'))).to.equal('7 lines of folder');
    const page = await get('term=love&dictionary=folder&files=*.txt,!a.txt');
    expect(page).to.include('name="files" value="*.txt, !a.txt"').and.not.include('a.txt, line 2');
  });

  it('ignore accents, and join hyphenated words in phrases across lines', async () => {
    await writeFile(join(suite.dictionaries, 'phrases.txt'), 'The white\nwhale and L\u00f3pez saw the har-\npoon.\n');
    const count = async (query: string) => countOn(await get(`dictionary=phrases.txt&${query}`));
    expect(await count('term=lopez&ignore_case=true')).to.match(/^No results/);
    expect(await count('term=lopez&ignore_case=true&ignore_marks=true')).to.equal('1 line of phrases.txt');
    const phrase = await get('dictionary=phrases.txt&term=white+whale&syntax=phrase&unit=quote');
    expect(phrase).to.include('<mark>white\nwhale</mark>');
    expect(phrase).to.include('<option value="phrase" selected>phrase</option>');
    expect(await count('term=the+harpoon&syntax=phrase')).to.equal(
      'No results: no line of phrases.txt contains the phrase the harpoon',
    );
    expect(await count('term=the+harpoon&syntax=phrase&unit=quote&join_hyphens=true')).to.equal(
      '1 paragraph of phrases.txt',
    );
    await rm(join(suite.dictionaries, 'phrases.txt'));
  });

  it('stay in links, and in the curl command as arrays', async () => {
    const page = await get('all_of=o,e&none_of="x,y"&nresults=1');
    expect(page).to.include(
      'rel="next" href="/?all_of=o&amp;all_of=e&amp;none_of=%22x%2Cy%22&amp;dictionary=plain.txt&amp;nresults=1&amp;offset=1"',
    );
    const [, body = ''] = /-d &#39;(.*?)&#39; &#39;http/.exec(page) ?? [];
    const request = JSON.parse(body.replaceAll('&quot;', '"'));
    expect(request).to.deep.equal({
      action: 'search',
      all_of: ['o', 'e'],
      none_of: ['x,y'],
      dictionary: 'plain.txt',
      nresults: 1,
      format: 'object',
    });
    const answer = (await (await suite.app.post(request)).json()) as { results: { text: string }[] };
    expect(answer.results.map(({ text }) => text)).to.deep.equal(entriesOn(page));
  });

  for (const [query, problem] of [
    ['term=love&join_hyphens=true', '&quot;join_hyphens&quot; requires &quot;syntax&quot;: &quot;phrase&quot;.'],
    [`all_of=${Array(17).fill('a').join()}`, '&quot;all_of&quot; must be an array of 1 to 16 terms'],
    ['term=a&all_of=(&syntax=regex', 'grep reports: Unmatched ( or \\('],
  ] as const) {
    it(`show the error in ${query}`, async () => {
      expect(await get(query))
        .to.include('role="alert"')
        .and.include(problem);
    });
  }
});
