import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { PROJECT } from '../helpers/project.js';
import { useFixtureApp } from '../helpers/use-app.js';

interface Outcome {
  status: number;
  stderr: string;
}

/** Runs the command with standard output into a file or device. */
async function grepd(args: string[], output: string, env: Record<string, string> = {}): Promise<Outcome> {
  const stdout = openSync(output, 'w');
  try {
    const child = spawn(process.execPath, [join(PROJECT, 'dist/src/cli/main.js'), ...args], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', stdout, 'pipe'],
    });
    const [stderr, [status]] = await Promise.all([text(child.stderr as Readable), once(child, 'close')]);
    return { status, stderr };
  } finally {
    closeSync(stdout);
  }
}

describe('runCommandLine', () => {
  const app = useFixtureApp();

  for (const [args, status] of [
    [['key', 'reader'], 1],
    [['help'], 1],
    [['search', 'love', '--dictionary', 'plain.txt'], 2],
  ] as const) {
    it(`exits with ${status} if the output of ${args[0]} can't be written`, async () => {
      const outcome = await grepd([...args], '/dev/full', { GREPD_URL: app.url });
      expect(outcome).to.deep.equal({ status, stderr: 'ENOSPC: no space left on device, write\n' });
    });
  }

  it('says that load needs a cluster, not that SEARCH_ENGINE is wrong', async () => {
    const stderr = 'Set CLICKHOUSE_URL to the nodes of the ClickHouse cluster.\n';
    expect(await grepd(['load', '--list'], '/dev/null')).to.deep.equal({ status: 1, stderr });
  });

  it('searches for the option of the help if that follows -e', async () => {
    const args = ['search', '-e', '--help', '--dictionary', 'plain.txt'];
    expect(await grepd(args, '/dev/null', { GREPD_URL: app.url })).to.deep.equal({ status: 1, stderr: '' });
  });
});
