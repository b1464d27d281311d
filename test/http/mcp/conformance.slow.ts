// The scenarios of the official conformance suite that apply to grepd: the others test a server with
// tools of their own. It isn't a dependency, as it needs Node.js 22 and brings 60 packages; see
// .ci/run.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { PROJECT } from '../../helpers/project.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { INSTALL_TEST_PROGRAMS, TEST_PROGRAMS } from '../../helpers/test-programs.js';
import { useApp } from '../../helpers/use-app.js';

const SUITE = join(TEST_PROGRAMS, '@modelcontextprotocol/conformance/dist/index.js');
const HOOK = join(PROJECT, 'dist/test/helpers/glob-sync-hook.js');
const SCENARIOS = [
  'server-initialize',
  'ping',
  'tools-list',
  'dns-rebinding-protection',
  'server-sse-multiple-streams',
];

describe('MCP in the official conformance suite', function () {
  this.timeout(60_000);
  const suite = useApp();
  before(function () {
    if (existsSync(SUITE)) return;
    console.warn(`SKIPPED: MCP in the official conformance suite: it is not installed (${INSTALL_TEST_PROGRAMS})`);
    this.skip();
  });

  for (const scenario of SCENARIOS) {
    it(`passes ${scenario}`, async () => {
      const folder = await tempFolder();
      try {
        const args = ['--import', HOOK, SUITE, 'server', '--url', `${suite.url}/mcp`, '--scenario', scenario];
        const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder.path });
        expect(stdout).to.match(/Passed: (\d+)\/\1, 0 failed/);
      } finally {
        await folder.remove();
      }
    });
  }
});
