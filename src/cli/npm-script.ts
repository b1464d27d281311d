// The npm scripts of a checkout: `npm run key -- NAME` is `npm-script.js key NAME`.
import { runCommandLine } from './run-command-line.js';

// npm runs scripts in the project's folder, and says from which one the user called it.
await runCommandLine(process.argv.slice(2), { env: process.env, folder: process.env.INIT_CWD ?? process.cwd() });
