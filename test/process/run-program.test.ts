import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { pino } from 'pino';
import { runProgram } from '../../src/process/run-program.js';
import { untilEnded } from '../helpers/processes.js';

describe('runProgram', () => {
  const sh = (script: string, signal: AbortSignal) =>
    runProgram({ program: '/bin/sh', args: ['-c', script], env: { PATH: process.env.PATH ?? '' } }, signal);

  it('aborts even if the program was killed and a child of it still runs', async () => {
    const leaver = new AbortController();
    const output = sh('sleep 60 & echo $!; kill -KILL $$', leaver.signal);
    const pid = Number((await output.next()).value);
    const rest = output.next().catch((error) => error);
    leaver.abort(new Error('left'));
    expect((await rest).message).to.equal('left');
    await untilEnded(pid);
  });

  it('aborts even if the program has exited and Node has not reported it yet', async () => {
    const leaver = new AbortController();
    // Node reaps all exited children together, and reports them in the order in which they started.
    const first = spawn('/bin/sh', ['-c', 'exit']);
    const output = sh('echo one; exit', leaver.signal);
    const chunk = output.next();
    first.once('exit', () => leaver.abort(new Error('left')));
    await new Promise((resolve) => setImmediate(resolve));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    await once(first, 'close');
    const ends = [await chunk.catch((error) => error), await output.next().catch((error) => error)];
    expect(ends.map((end) => end.message ?? end.done)).to.include('left');
  });

  it('throws an error without the arguments, which a log must not show', async () => {
    const run = runProgram({ program: '/nope/grep', args: ['-e', 'secret'] }, new AbortController().signal);
    const error = await run.next().catch((error) => error);
    expect(error).to.include({ code: 'ENOENT' });
    let line = '';
    pino({}, { write: (text: string) => (line = text) }).error({ err: error }, 'bug');
    expect(line).to.include('ENOENT').and.not.include('secret');
  });
});
