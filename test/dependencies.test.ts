import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { PROJECT } from './helpers/project.js';

const read = (name: string) => JSON.parse(readFileSync(join(PROJECT, name), 'utf8'));

describe('the dependencies', () => {
  it('run no code when they are installed, except for a report that is turned off', () => {
    const packages: Record<string, { hasInstallScript?: boolean }> = read('package-lock.json').packages;
    const withScripts = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript);
    expect(withScripts.map(([path]) => path)).to.deep.equal(['node_modules/@scarf/scarf']);
    expect(read('package.json').scarfSettings).to.deep.equal({ enabled: false });
  });

  it('have no registry in the lock file', () => {
    expect(readFileSync(join(PROJECT, 'package-lock.json'), 'utf8')).to.not.include('"resolved": "http');
  });
});
