// The message about an invalid regular expression on the search page.
import { expect } from 'chai';
import { useFixtureApp } from '../../helpers/use-app.js';

describe('the problem of a search', () => {
  const suite = useFixtureApp();

  /** Returns what is shown beside the term, in the results, and the address of the correction. */
  async function get(query: Record<string, string>) {
    const response = await fetch(`${suite.url}/?${new URLSearchParams({ dictionary: 'plain.txt', ...query })}`);
    const text = await response.text();
    const [, isInvalid] = /name="term"[^>]* aria-invalid="(\w+)" aria-describedby="term-problem"/.exec(text) ?? [];
    const [, beside = ''] = /<div id="term-problem">(.*?)<\/div>/s.exec(text) ?? [];
    const [, inResults = ''] = /<div id="results">\s*(<p class="problem".*?<\/p>)?/s.exec(text) ?? [];
    const [, address] = /<a href="([^"]*)"><code>/.exec(beside + inResults) ?? [];
    return { status: response.status, isInvalid, beside, inResults, address: address?.replaceAll('&amp;', '&') };
  }

  it('is beside an invalid term, and its correction leads to results', async () => {
    const { status, isInvalid, beside, inResults, address } = await get({
      term: 'l\\x6Fve|(?:fou?r) l',
      syntax: 'regex',
      n_after: '1',
      offset: '20',
    });
    expect(status).to.equal(400);
    expect({ isInvalid, inResults }).to.deep.equal({ isInvalid: 'true', inResults: '' });
    expect(beside).to.include('role="alert">&quot;term&quot; must be a POSIX extended regular expression; ');
    expect(beside).to.match(/ Try <a [^>]*><code>love\|\(fou\?r\) l<\/code><\/a>\.<\/p>$/);
    expect(address).to.equal('/?term=love%7C%28fou%3Fr%29+l&syntax=regex&n_after=1&dictionary=plain.txt');
    const corrected = await get(Object.fromEntries(new URL(`http://grepd${address}`).searchParams));
    expect(corrected).to.include({ status: 200, isInvalid: 'false', beside: '' });
  });

  it('corrects what grep rejects', async () => {
    const { beside, address } = await get({ term: '(love', syntax: 'regex' });
    expect(beside).to.include('grep reports: Unmatched ( or \\(. Try <a ').and.include('<code>\\(love</code>');
    expect(address).to.equal('/?term=%5C%28love&syntax=regex&dictionary=plain.txt');
  });

  it('is beside the term without a correction, too', async () => {
    const { isInvalid, beside, address } = await get({ term: 'a(?=b)', syntax: 'regex' });
    expect(beside).to.include('look ahead').and.not.include('Try');
    expect({ isInvalid, address }).to.deep.equal({ isInvalid: 'true', address: undefined });
  });

  it('is in the results if another term is invalid', async () => {
    const { isInvalid, beside, inResults, address } = await get({ term: 'a', syntax: 'regex', any_of: 'b, \\d, c' });
    expect({ isInvalid, beside }).to.deep.equal({ isInvalid: 'false', beside: '' });
    expect(inResults).to.include('&quot;any_of[1]&quot; must be a POSIX').and.include('<code>[0-9]</code>');
    expect(address).to.equal('/?term=a&syntax=regex&any_of=b&any_of=%5B0-9%5D&any_of=c&dictionary=plain.txt');
  });

  it('is in the results if it is not about a term', async () => {
    const { isInvalid, beside, inResults } = await get({ term: 'a', n_after: 'x' });
    expect({ isInvalid, beside }).to.deep.equal({ isInvalid: 'false', beside: '' });
    expect(inResults).to.include('n_after');
  });

  it('links a correction that the message omits, because it is long', async () => {
    const long = 'x'.repeat(150);
    const { beside } = await get({ term: `\\d${long}`, syntax: 'regex' });
    expect(beside).to.include(`Write [0-9] for a digit. Try <a `).and.include(`<code>[0-9]${long}</code></a>.`);
  });

  it('escapes the term and its correction', async () => {
    const { beside } = await get({ term: '<b>\\d', syntax: 'regex' });
    expect(beside).to.include('<code>&lt;b&gt;[0-9]</code>').and.not.include('<b>');
  });
});
