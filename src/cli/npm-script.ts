// The npm scripts of a checkout: `npm run key -- NAME` is `npm-script.js key NAME`.
import { runCommandLine } from './run-command-line.js';

// npm runs scripts in the project's folder. INIT_CWD is the folder of the user's shell.
await runCommandLine(process.argv.slice(2), { env: process.env, folder: process.env.INIT_CWD ?? process.cwd() });
