// What tests need from npm, but is too large for a dependency: see .ci/run.
import { join } from 'node:path';
import { PROJECT } from './project.js';

/** The folder in which `INSTALL_TEST_PROGRAMS` puts packages. */
export const TEST_PROGRAMS = join(PROJECT, '.test-programs/node_modules');

/** One command for all, because npm removes packages that it doesn't name. */
export const INSTALL_TEST_PROGRAMS =
  'npm install --prefix .test-programs --no-save @chdb/lib-linux-x64-gnu@26.7.3-stable.1 @modelcontextprotocol/conformance@0.1.16';
