import { expect } from 'chai';
import { countWords, typicalWords } from '../../../src/http/pages/example-words.js';

const wordsOf = (text: string, ...others: string[]) => typicalWords(countWords(text), others.map(countWords));

describe('typicalWords', () => {
  it('prefers words that are frequent and long', () => {
    expect(wordsOf('whale whale the the the of ship harpooneer harpooneer')).to.deep.equal([
      'harpooneer',
      'whale',
      'ship',
    ]);
  });

  it('prefers words that are rare in other texts', () => {
    const [own, other] = ['which which which whale', 'which which which lamb'];
    expect(wordsOf(own, other)[0]).to.equal('whale');
    expect(wordsOf(own)[0]).to.equal('which');
  });

  it('finds words of all scripts, with their marks', () => {
    expect(wordsOf('Россия')).to.deep.equal(['Россия']);
    expect(wordsOf('cafe\u0301teria')).to.deep.equal(['cafe\u0301teria']);
    expect(wordsOf('子曰學而時習之，不亦說乎')).to.deep.equal(['子曰', '不亦']);
    expect(wordsOf('السلام')).to.deep.equal(['السلام']);
  });

  it('finds nothing in a text without long words', () => {
    expect(wordsOf('a of 1234567 _-_ \ufffd\ufffd\ufffd\ufffd')).to.deep.equal([]);
  });
});
