import { homedir } from 'node:os';
import { expect } from 'chai';
import { preparePackageEnvironment } from '../../src/cli/package-environment.js';
import { defaultIndexDir } from '../../src/config/default-folders.js';

function prepare(env: Record<string, string | undefined>): Record<string, string | undefined> {
  preparePackageEnvironment(env, '/home/reader/work');
  return env;
}

describe('preparePackageEnvironment', () => {
  it("resolves paths relative to the user's folder, and leaves other settings alone", () => {
    expect(prepare({ DICTIONARIES_DIR: 'texts', API_KEYS: '/etc/keys', HOST: 'a', PM2_HOME: '../pm2' })).to.deep.equal({
      DICTIONARIES_DIR: '/home/reader/work/texts',
      API_KEYS: '/etc/keys',
      HOST: 'a',
      PM2_HOME: '/home/reader/pm2',
    });
  });

  it('keeps an empty setting, which restores a default', () => {
    expect(prepare({ INDEX_DIR: '', PM2_HOME: '/pm2' })).to.deep.equal({ INDEX_DIR: '', PM2_HOME: '/pm2' });
  });

  it("has PM2's files in the user's folder for state", () => {
    expect(prepare({}).PM2_HOME).to.equal(`${homedir()}/.local/state/grepd/pm2`);
    expect(prepare({ PM2_HOME: '', XDG_STATE_HOME: '/state' }).PM2_HOME).to.equal('/state/grepd/pm2');
    expect(prepare({ XDG_STATE_HOME: 'relative' }).PM2_HOME).to.equal(`${homedir()}/.local/state/grepd/pm2`);
  });
});

describe('defaultIndexDir', () => {
  it("is in the user's cache", () => {
    expect(defaultIndexDir({})).to.equal(`${homedir()}/.cache/grepd/index`);
    expect(defaultIndexDir({ XDG_CACHE_HOME: '/cache' })).to.equal('/cache/grepd/index');
  });
});
