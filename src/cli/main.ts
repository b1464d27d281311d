#!/usr/bin/env node
// The command `grepd` of the installed package.
import { IS_PACKAGE } from '../config/installation.js';
import { preparePackageEnvironment } from './package-environment.js';
import { runCommandLine } from './run-command-line.js';

if (IS_PACKAGE) preparePackageEnvironment(process.env, process.cwd());
await runCommandLine(process.argv.slice(2), { env: process.env, folder: process.cwd() });
