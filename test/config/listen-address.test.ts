import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { createApiKey } from '../../src/auth/api-keys.js';
import { parseConfig } from '../../src/config/config.js';
import { describeAudience, isLoopback } from '../../src/config/listen-address.js';
import { PROJECT } from '../helpers/project.js';
import { tempFolder } from '../helpers/temp-folder.js';

describe('listen address', () => {
  const DICTIONARIES_DIR = `${PROJECT}/dictionaries`;

  it('distinguishes loopback addresses from all others', () => {
    for (const address of ['127.0.0.1', '127.1.2.3', '::1', 'localhost', '::ffff:127.0.0.1']) {
      expect(isLoopback(address), address).to.equal(true);
    }
    for (const address of ['0.0.0.0', '::', '192.168.0.1', 'example.org', '128.127.0.1']) {
      expect(isLoopback(address), address).to.equal(false);
    }
  });

  it('describes who can use the service', async () => {
    const folder = await tempFolder();
    const openToOf = (env: Record<string, string>) => describeAudience(parseConfig({ DICTIONARIES_DIR, ...env }));
    expect(openToOf({})).to.equal('anyone on this machine');
    expect(openToOf({ HOST: '0.0.0.0' })).to.equal('anyone who can reach this address');
    const file = join(folder.path, 'keys');
    writeFileSync(file, createApiKey('me').line);
    expect(openToOf({ API_KEYS: file, RATE_LIMIT: '100/m' })).to.equal(
      `anyone with a key from ${file} on this machine, 100 requests in 60 s each`,
    );
    await folder.remove();
  });
});
