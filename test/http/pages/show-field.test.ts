import { expect } from 'chai';
import { replaceShow } from '../../../src/http/pages/show-field.js';

describe('replaceShow', () => {
  for (const [submitted, fields] of [
    [{ term: 'a' }, { term: 'a' }],
    [{ show: 'line', unit: 'quote', view: 'kwic', order: 'left' }, {}],
    [{ show: 'quote', view: 'count' }, { unit: 'quote' }],
    [
      { show: 'kwic', unit: 'quote', order: 'left' },
      { unit: 'quote', order: 'left', view: 'kwic' },
    ],
    [{ show: 'kwic', order: 'random' }, { view: 'kwic' }],
    [{ show: 'line', order: 'random' }, { order: 'random' }],
    [
      { show: 'frequencies', unit: 'quote', order: 'match' },
      { unit: 'quote', view: 'frequencies' },
    ],
    [
      { show: 'cloud', view: 'kwic' },
      { show: 'cloud', view: 'kwic' },
    ],
    [{ show: ['line', 'kwic'] }, { show: ['line', 'kwic'] }],
  ]) {
    it(`turns ${JSON.stringify(submitted)} into ${JSON.stringify(fields)}`, () => {
      expect(replaceShow(submitted as Record<string, string>)).to.deep.equal(fields);
    });
  }
});
