import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { isRunning, processIdentity } from '../../src/concurrency/process-identity.js';

describe('processIdentity', () => {
  it('is the process ID and a start time', () => {
    expect(processIdentity(process.pid)).to.match(new RegExp(`^${process.pid}-\\d+$`));
    expect(processIdentity(process.pid)).to.equal(processIdentity(process.pid));
  });

  it('throws if there is no such process', () => {
    expect(() => processIdentity(2 ** 22 + 1)).to.throw('ENOENT');
  });
});

describe('isRunning', () => {
  it('accepts a name that begins with the identity of a running process', () => {
    expect(isRunning(processIdentity(process.pid))).to.equal(true);
    expect(isRunning(`${processIdentity(process.pid)}.json`)).to.equal(true);
  });

  it('rejects the identity of a process that has ended, or had the same ID', async () => {
    const child = spawn('sleep', ['60']);
    const identity = processIdentity(child.pid as number);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isRunning(identity)).to.equal(false);
    expect(isRunning(`${process.pid}-1`)).to.equal(false);
  });
});
