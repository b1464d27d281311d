// A text that was opened from a search: marked matches, hits, and the way back.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { useFixtureApp } from '../../helpers/use-app.js';

const HIT_EVERY = 50;
const LINES = 1_000;
const NR_OF_HITS = LINES / HIT_EVERY;

describe('a text page with a search', () => {
  const suite = useFixtureApp({ logTerms: true });
  const write = (name: string, lines: string[]) => writeFile(join(suite.dictionaries, name), `${lines.join('\n')}\n`);
  before(async () => {
    const lineOf = (number: number) => (number % HIT_EVERY === 0 ? `a Love <${number}> of love` : `line ${number}`);
    await write(
      'hits.txt',
      Array.from({ length: LINES }, (_, at) => lineOf(at + 1)),
    );
    await write('quotes.txt', ['one', 'my dear', 'love here', 'three', '', 'five', '', 'dear', 'love', 'dear', 'love']);
    await write('wide.txt', [`${'x'.repeat(25_000)}needle${'y'.repeat(100)}`, 'short']);
    await write('long-quote.txt', [...Array.from({ length: 40 }, (_, at) => `row ${at + 1}`), 'last love']);
    await mkdir(join(suite.dictionaries, 'shelf'));
    await write('shelf/a.txt', ['love', 'no']);
    await write('shelf/b.txt', ['nothing']);
    await write('shelf/c.txt', ['no', 'love']);
    await write('shelf/d.md', ['love']);
  });

  async function get(path: string) {
    const response = await fetch(suite.url + path, { headers: { Accept: 'text/html' } });
    const text = await response.text();
    const lines = [...text.matchAll(/<li id="L(\d+)"[^>]*>.*?<span dir="auto">(.*?)<\/span><\/li>/gs)];
    const linkTo = (pattern: RegExp) => pattern.exec(text)?.[1]?.replaceAll('&amp;', '&');
    return {
      status: response.status,
      text,
      numbers: lines.map(([, number]) => Number(number)),
      /** The lines with marks, by number, with brackets around the marked parts. */
      marked: Object.fromEntries(
        lines
          .map(([, number, line = '']) => [number, line.replace(/<(\/?)mark>/g, (_, slash) => (slash ? ']' : '['))])
          .filter(([, line]) => line?.includes('['))
          .map(([number, line]) => [number, line?.replace(/<[^>]*>/g, '')]),
      ),
      position: /<span class="hits">.*?<span>(.*?)<\/span>/s.exec(text)?.[1],
      problem: /role="alert">(.*?)<\/p>/.exec(text)?.[1],
      previous: linkTo(/href="([^"]*)" aria-label="Previous hit"/),
      next: linkTo(/href="([^"]*)" aria-label="Next hit"/),
      nextText: linkTo(/href="([^"]*)" title="[^"]*">Next text with hits/),
      back: linkTo(/href="([^"]*)">Back to results/),
      nextLines: linkTo(/href="([^"]*)">Next lines/),
      hidden: Object.fromEntries(
        [...(text.split('<ol')[0] as string).matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(
          ([, name, value]) => [name, value],
        ),
      ),
    };
  }

  it('marks the matches on the lines it shows, and numbers the hit', async () => {
    const { status, marked, position, numbers } = await get('/d/hits.txt?line=600&term=love&ignore_case=true');
    expect(status).to.equal(200);
    expect([numbers[0], numbers.at(-1)]).to.deep.equal([588, 647]);
    expect(marked).to.deep.equal({ 600: 'a [Love] &lt;600&gt; of [love]' });
    expect(position).to.equal(`hit 12 of ${NR_OF_HITS}`);
    expect((await get('/d/hits.txt?line=600&term=love')).marked).to.deep.equal({ 600: 'a Love &lt;600&gt; of [love]' });
  });

  it('links the hits one by one, to the last and back', async () => {
    const forth: (string | undefined)[] = [];
    let path: string | undefined = '/d/hits.txt?from=801&term=love';
    let last = path;
    while (path !== undefined) {
      const page = await get(path);
      forth.push(page.position);
      last = path;
      path = page.next;
    }
    expect(forth).to.deep.equal(['20 hits in this text', ...[17, 18, 19, 20].map((number) => `hit ${number} of 20`)]);
    expect(last).to.equal('/d/hits.txt?line=1000&term=love&dictionary=hits.txt#L1000');
    const { previous = '' } = await get(last);
    const back = await get(previous);
    expect(back.position).to.equal('hit 19 of 20');
    expect(back.previous).to.include('line=900&');
    const first = await get('/d/hits.txt?line=50&term=love');
    expect(first.position).to.equal('hit 1 of 20');
    expect(first.previous).to.equal(undefined);
  });

  it('links the hits around a line that has none', async () => {
    const page = await get('/d/hits.txt?line=620&term=love');
    expect(page.position).to.equal('20 hits in this text');
    expect(page.previous).to.include('line=600&');
    expect(page.next).to.include('line=650&');
    const beyond = await get('/d/hits.txt?line=5000&term=love');
    expect(beyond.previous).to.include('line=1000&');
    expect(beyond.next).to.equal(undefined);
    expect(Object.keys(beyond.marked)).to.deep.equal(['950', '1000']);
  });

  it('marks the parts of a match that goes on in the next line', async () => {
    const query = 'term=dear+love&syntax=phrase';
    const inLines = { 2: 'my [dear]', 3: '[love] here', 8: '[dear]', 9: '[love]', 10: '[dear]', 11: '[love]' };
    for (const unit of ['', '&unit=quote']) {
      expect((await get(`/d/quotes.txt?${query}${unit}`)).marked, unit).to.deep.equal(inLines);
    }
  });

  it('numbers a quote by any of its lines, even one that begins before the page', async () => {
    for (const line of [1, 3, 4]) {
      expect((await get(`/d/quotes.txt?line=${line}&term=love&unit=quote`)).position).to.equal('hit 1 of 2');
    }
    expect((await get('/d/quotes.txt?line=6&term=love&unit=quote')).position).to.equal('2 hits in this text');
    const { numbers, marked, position } = await get('/d/long-quote.txt?line=41&term=love&unit=quote');
    expect(numbers[0]).to.equal(29);
    expect(marked).to.deep.equal({ 41: 'last [love]' });
    expect(position).to.equal('hit 1 of 1');
  });

  it('reads all conditions of a search', async () => {
    const marks = async (query: string) => Object.keys((await get(`/d/hits.txt?from=590&${query}`)).marked);
    expect(await marks('any_of=600,+620')).to.deep.equal(['600', '620']);
    expect(await marks('any_of=600&any_of=620&none_of=Love')).to.deep.equal(['620']);
    expect(await marks('term=6[0-4]0&syntax=regex&all_of=line')).to.deep.equal(['610', '620', '630', '640']);
    const others = await get('/d/hits.txt?line=601&none_of=love');
    expect(others.position).to.equal(`hit 589 of ${LINES - NR_OF_HITS}`);
    expect(others.marked).to.deep.equal({});
  });

  it('shows the part of a long line that has the first match, unless the address names a part', async () => {
    const { marked, text } = await get('/d/wide.txt?line=1&term=needle');
    expect(marked[1]).to.equal(`…${'x'.repeat(500)}[needle]${'y'.repeat(100)}`);
    expect(text).to.include('href="/d/wide.txt?line=1&amp;at=14500&amp;term=needle&amp;');
    expect((await get('/d/wide.txt?line=1&at=0&term=needle')).marked).to.deep.equal({});
    expect((await get('/d/wide.txt?line=1&at=25003&term=needle')).marked[1]).to.equal(`…[dle]${'y'.repeat(100)}`);
    const near = await get('/d/wide.txt?line=1&at=5000&term=needle');
    expect(near.text).to.include('href="/d/wide.txt?line=1&amp;at=0&amp;term=needle');
  });

  it('leads to the next text of the dictionary that was searched', async () => {
    const first = await get('/d/shelf/a.txt?line=1&term=love&dictionary=shelf');
    expect(first.nextText).to.equal('/d/shelf/c.txt?line=2&term=love&dictionary=shelf#L2');
    expect((await get('/d/shelf/b.txt?term=love&dictionary=shelf')).nextText).to.include('/d/shelf/c.txt?line=2&');
    expect((await get('/d/shelf/c.txt?line=2&term=love&dictionary=shelf')).nextText).to.include('/d/shelf/d.md?');
    expect((await get('/d/shelf/d.md?line=1&term=love&dictionary=shelf')).nextText).to.equal(undefined);
    expect((await get('/d/shelf/a.txt?line=1&term=love')).nextText).to.equal(undefined);
    const onlyTxt = await get('/d/shelf/c.txt?line=2&term=love&dictionary=shelf&files=*.txt');
    expect(onlyTxt.nextText).to.equal(undefined);
  });

  it('leads back to the results, with the whole query', async () => {
    const query = 'term=love&view=kwic&width=20&offset=50&dictionary=shelf&all_of=a%2C+b&ignore_case=true';
    const { back, hidden, nextLines, text } = await get(`/d/shelf/a.txt?line=1&at=0&from=1&filter=x&${query}&other=1`);
    expect(back).to.equal(`/?${query}`);
    // The form keeps the options, but begins with the first results.
    expect(hidden).to.include({ view: 'kwic', width: '20', all_of: 'a, b', ignore_case: 'true' });
    expect(text.split('</form>')[0]).to.not.include('name="offset"');
    expect(text).to.include('<option value="shelf" dir="auto">shelf</option>');
    expect(nextLines).to.equal(undefined);
    expect((await get('/d/shelf/a.txt?term=love')).back).to.equal('/?term=love&dictionary=shelf%2Fa.txt');
    const repeated = await get('/d/hits.txt?any_of=a&any_of=b%2C&from=1');
    expect(repeated.back).to.equal('/?any_of=a&any_of=b%2C&dictionary=hits.txt');
    expect(repeated.nextLines).to.equal('/d/hits.txt?from=61&any_of=a&any_of=b%2C&dictionary=hits.txt');
  });

  it('is where the results of a search lead to, and they are where it leads back to', async () => {
    for (const view of ['', '&view=kwic', '&view=count']) {
      const address = `/?term=love&dictionary=shelf${view}`;
      const results = await (await fetch(suite.url + address)).text();
      const links = [...results.matchAll(/href="(\/d\/shelf[^"]*)"/g)].map(([, to = '']) =>
        to.replaceAll('&amp;', '&'),
      );
      expect(links.length, address).to.be.above(2);
      for (const link of links) {
        const page = await get(link);
        expect(page.position, link).to.equal('hit 1 of 1');
        expect(page.back, link).to.equal(address);
      }
    }
  });

  for (const [query, problem] of [
    ['term=%28&syntax=regex', '&quot;term&quot; must be a regular expression that grep accepts'],
    ['term=love&syntax=nope', '&quot;syntax&quot; must be one of'],
    ['term=love&join_hyphens=true', '&quot;join_hyphens&quot; requires'],
  ] as const) {
    it(`shows the text without marks if the search is invalid: ${query}`, async () => {
      const page = await get(`/d/hits.txt?line=600&${query}`);
      expect(page.status).to.equal(200);
      expect(page.problem).to.include('The matches are not marked.').and.include(problem);
      expect(page.numbers).to.have.length(60);
      expect(page.marked).to.deep.equal({});
      expect(page.position).to.equal(undefined);
      expect(page.back).to.equal(`/?${query}&dictionary=hits.txt`);
    });
  }

  it('is as it was without a term', async () => {
    const { text, marked } = await get('/d/hits.txt?line=600&dictionary=shelf&ignore_case=true&term=');
    expect(marked).to.deep.equal({});
    expect(text).to.not.include('text-bar').and.not.include('Back to results');
    expect(text).to.include('href="/d/hits.txt?line=601#L601"').and.include('Search this text');
  });

  it('logs the term', async () => {
    await get('/d/hits.txt?term=unusual&all_of=words');
    expect(suite.app.log.find(({ term }) => term === 'unusual words')).to.include({ dictionary: 'hits.txt' });
  });
});
