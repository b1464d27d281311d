import { expect } from 'chai';
import { createRateLimits, type RateLimits } from '../../../src/runtime/rate-limit/rate-limits.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

describe('createRateLimits', () => {
  const [slow, fast] = [
    { maxRequests: 2, windowMs: 3_600_000 },
    { maxRequests: 3, windowMs: 3_600_000 },
  ];
  let folder: TempFolder;
  const opened: RateLimits[] = [];
  const open = (directory: string | undefined) => {
    const limits = createRateLimits({ directory });
    opened.push(limits);
    return limits;
  };
  beforeEach(async () => {
    folder = await tempFolder();
  });
  afterEach(async () => {
    for (const limits of opened.splice(0)) await limits.close();
    await folder.remove();
  });

  it('counts each caller with its current rate', async () => {
    const limits = open(undefined);
    const remaining = async (caller: string, rate: typeof slow) => (await limits.consume(caller, rate)).remaining;
    expect([await remaining('a', slow), await remaining('a', slow), await remaining('b', slow)]).to.deep.equal([
      1, 0, 1,
    ]);
    expect(await limits.consume('a', slow)).to.include({ isAllowed: false });
    expect(await limits.consume('a', fast)).to.include({ isAllowed: true, remaining: 2 });
  });

  it('counts a rate over all workers', async () => {
    const workers = [open(folder.path), open(folder.path)];
    const verdicts: boolean[] = [];
    for (const worker of [...workers, ...workers]) verdicts.push((await worker.consume('a', slow)).isAllowed);
    expect(verdicts).to.deep.equal([true, true, false, false]);
    const others = await Promise.all(workers.map((worker) => worker.consume('b', fast)));
    expect(others.map(({ remaining }) => remaining)).to.have.members([2, 1]);
  });
});
