import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseConfig } from '../../src/config/config.js';
import { describeWith } from '../helpers/programs.js';
import { PROJECT } from '../helpers/project.js';
import { tempFolder } from '../helpers/temp-folder.js';

const unit = readFileSync(join(PROJECT, 'deploy/grepd.service'), 'utf8');

describe('the unit for systemd', () => {
  it('allows more time to stop than the longest drain takes', () => {
    const { DRAIN_TIMEOUT_MS } = parseConfig({ DICTIONARIES_DIR: join(PROJECT, 'dictionaries') });
    const [, seconds] = /^TimeoutStopSec=(\d+)$/m.exec(unit) ?? [];
    expect(Number(seconds) * 1_000).to.be.above(DRAIN_TIMEOUT_MS + 10_000);
  });

  it('keeps indexes where it may write', () => {
    const [, folder] = /^StateDirectory=(\w+)$/m.exec(unit) ?? [];
    const [, indexDir] = /^Environment=INDEX_DIR=(.+)$/m.exec(unit) ?? [];
    expect(indexDir).to.equal(`/var/lib/${folder}/index`);
  });
});

describeWith('the unit for systemd', { names: ['systemd-analyze'], packages: 'systemd' }, function (program) {
  this.timeout(30_000);

  it('is accepted by systemd-analyze', async () => {
    const folder = await tempFolder();
    // systemd checks that the programs exist.
    const bin = join(folder.path, 'node_modules/.bin');
    mkdirSync(bin, { recursive: true });
    for (const name of ['pm2', 'pm2-runtime']) {
      writeFileSync(join(bin, name), '#!/bin/sh\n');
      chmodSync(join(bin, name), 0o755);
    }
    writeFileSync(join(folder.path, 'grepd.service'), unit.replaceAll('/opt/grepd', folder.path));
    const said = await new Promise<string>((resolve) => {
      execFile(program, ['verify', '--man=no', join(folder.path, 'grepd.service')], (error, stdout, stderr) =>
        resolve(`${error === null ? '' : error.message}${stdout}${stderr}`),
      );
    });
    await folder.remove();
    expect(said.split('\n').filter((line) => line.includes('grepd'))).to.deep.equal([]);
  });
});
