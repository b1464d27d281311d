import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { lockWorkers } from '../../src/commands/workers-lock.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';

describe('lockWorkers', function () {
  this.timeout(30_000);

  let folder: TempFolder;
  let holder: ChildProcess | undefined;
  const { PM2_HOME } = process.env;
  beforeEach(async () => {
    folder = await tempFolder();
    // A folder that doesn't exist yet.
    process.env.PM2_HOME = join(folder.path, 'a/pm2');
  });
  afterEach(async () => {
    holder?.kill('SIGKILL');
    if (PM2_HOME === undefined) delete process.env.PM2_HOME;
    else process.env.PM2_HOME = PM2_HOME;
    await folder.remove();
  });

  /** Starts a process that holds the lock, optionally with a child that inherits the lock. */
  async function lockElsewhere({ withChild = false } = {}): Promise<ChildProcess> {
    const module = new URL('../../src/commands/workers-lock.js', import.meta.url);
    const code = `import { spawn } from 'node:child_process';
      const { lockWorkers } = await import('${module}');
      const fd = await lockWorkers();
      if (${withChild}) spawn('sleep', ['3'], { stdio: ['ignore', 'ignore', 'ignore', fd], detached: true });
      console.log('locked');
      setInterval(() => {}, 1000);`;
    const args = ['--input-type=module', '--eval', code];
    holder = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    if (holder.stdout !== null) await once(holder.stdout, 'data');
    return holder;
  }

  it('names the process that holds the lock when it times out', async () => {
    const { pid } = await lockElsewhere();
    const error = await lockWorkers(200).catch((error: Error) => error);
    expect(error).to.be.an('error').with.property('name', 'OperatorError');
    expect((error as Error).message)
      .to.include(`locked by process ${pid} (`)
      .and.include('has not finished in 0.2 s. Wait for it or end it');
  });

  it('acquires the lock when its holder is killed', async () => {
    const { pid } = await lockElsewhere();
    const locked = lockWorkers();
    process.kill(pid as number, 'SIGKILL');
    closeSync(await locked);
  });

  it('waits for the children of a holder that was killed', async () => {
    const other = await lockElsewhere({ withChild: true });
    other.kill('SIGKILL');
    await once(other, 'exit');
    const error = await lockWorkers(200).catch((error: Error) => error);
    expect((error as Error).message).to.include(`a pm2 command that process ${other.pid} started`);
    closeSync(await lockWorkers());
  });
});
