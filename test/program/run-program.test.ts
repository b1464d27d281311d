import { expect } from 'chai';
import { pino } from 'pino';
import { runProgram } from '../../src/program/run-program.js';

describe('runProgram', () => {
  it('fails with an error that does not show the arguments in a log', async () => {
    const run = runProgram({ program: '/nope/grep', args: ['-e', 'secret'] }, new AbortController().signal);
    const error = await run.next().catch((error) => error);
    expect(error).to.include({ code: 'ENOENT' });
    let line = '';
    pino({}, { write: (text: string) => (line = text) }).error({ err: error }, 'bug');
    expect(line).to.include('ENOENT').and.not.include('secret');
  });
});
