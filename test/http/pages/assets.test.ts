import { expect } from 'chai';
import { openAssets } from '../../../src/http/pages/assets.js';

describe('openAssets', () => {
  it('lets modules import each other by their hashed names, which change with what they import', async () => {
    const assets = await openAssets();
    const paths = new Set(Object.values(assets).map(({ path }) => path));
    const imported = Object.values(assets)
      .filter(({ name }) => name.endsWith('.js') && !name.startsWith('swagger'))
      .flatMap(({ body }) => [...body.toString().matchAll(/^import .*'(.*)';$/gm)].map(([, specifier]) => specifier));
    expect(imported).to.have.length.above(5);
    for (const specifier of imported) {
      expect(paths, specifier).to.include(new URL(specifier ?? '', 'http://host/static/').pathname);
      expect(specifier).to.match(/^\.\/[a-z-]+\.[\w-]{12}\.js$/);
    }
  });

  it('has a theme script that is no module', async () => {
    const { body } = (await openAssets())['theme.js'];
    expect(body.toString()).to.not.match(/^(import|export)\b/m);
  });
});
