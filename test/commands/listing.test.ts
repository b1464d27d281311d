import { expect } from 'chai';
import { renderAge, renderTable } from '../../src/commands/listing.js';

describe('renderTable', () => {
  it('aligns the columns, without spaces at the end of a line', () => {
    const rows = [
      ['name', 'MB'],
      ['a', '1.0'],
      ['longer', ''],
    ];
    expect(renderTable(rows)).to.equal('name    MB\na       1.0\nlonger');
    expect(renderTable([])).to.equal('');
  });
});

describe('renderAge', () => {
  it('renders the largest unit', () => {
    const ages = [-5, 59_999, 60_000, 3_599_999, 7_200_000, 86_400_000 * 9.5];
    expect(ages.map(renderAge)).to.deep.equal(['0 s', '59 s', '1 min', '59 min', '2 h', '9 d']);
  });
});
