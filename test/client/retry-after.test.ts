import { expect } from 'chai';
import { parseRetryAfter } from '../../src/client/retry-after.js';

const NOW = Date.UTC(2027, 0, 1, 12, 0, 0);

describe('parseRetryAfter', () => {
  for (const [header, seconds] of [
    ['0', 0],
    [' 120 ', 120],
    ['Fri, 01 Jan 2027 12:00:30 GMT', 30],
    ['Friday, 01-Jan-27 12:00:30 GMT', 30],
    ['Fri Jan  1 12:00:30 2027', 30],
    ['Fri, 01 Jan 2027 11:59:00 GMT', 0],
    [null, undefined],
    ['', undefined],
    ['soon', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['2027', 2027],
    ['Fri, 99 Jan 2027 12:00:30 GMT', undefined],
  ] as const) {
    it(`reads ${JSON.stringify(header)} as ${seconds}`, () => {
      expect(parseRetryAfter(header, NOW)).to.equal(seconds);
    });
  }

  it('rounds up to whole seconds, so that a retry is not early', () => {
    expect(parseRetryAfter('Fri, 01 Jan 2027 12:00:30 GMT', NOW + 1)).to.equal(30);
  });
});
