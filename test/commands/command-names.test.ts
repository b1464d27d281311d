import { expect } from 'chai';
import { withCommandNames } from '../../src/commands/command-names.js';

const MESSAGE =
  'Start it with npm start. Usage: npm run load -- [DICTIONARY…], or npm run load -- --list. Run npm run load again. See npm run bench.';

describe('withCommandNames', () => {
  it('names the commands of an installed package', () => {
    expect(withCommandNames(MESSAGE, true)).to.equal(
      'Start it with grepd start. Usage: grepd load [DICTIONARY…], or grepd load --list. Run grepd load again. See npm run bench.',
    );
  });

  it('keeps the npm scripts in a checkout', () => {
    expect(withCommandNames(MESSAGE, false)).to.equal(MESSAGE);
    expect(withCommandNames(MESSAGE)).to.equal(MESSAGE);
  });
});
