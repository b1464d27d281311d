// A cluster of a program without PM2: `node cluster-process.js PROGRAM WORKERS LOG`. Prints a line
// when a worker listens. The workers' output goes to the file LOG, as under PM2.
import cluster from 'node:cluster';
import { openSync } from 'node:fs';

const [, , exec = '', workers = '1', log = ''] = process.argv;
cluster.setupPrimary({ exec, execArgv: [], stdio: ['ignore', openSync(log, 'a'), 'inherit', 'ipc'] });
cluster.on('listening', ({ process: { pid } }) => console.log(`listening ${pid}`));
for (let n = 0; n < Number(workers); n += 1) cluster.fork();
