import { expect } from 'chai';
import { Progress, renderProgress } from '../../src/commands/progress.js';

describe('the progress of a load', () => {
  it('tells how far it is, at what rate, and how long it will take', () => {
    expect(renderProgress({ done: 0, total: 100, ms: 0 })).to.equal(`[${'-'.repeat(30)}]   0 %  0.0 MB/s`);
    const half = renderProgress({ done: 5e8, total: 1e9, ms: 10_000 });
    expect(half).to.equal(`[${'#'.repeat(15)}${'-'.repeat(15)}]  50 %  50.0 MB/s  0:10 left`);
    expect(renderProgress({ done: 1e9, total: 1e12, ms: 10_000 })).to.match(/ {2}0 % {2}100\.0 MB\/s {2}2:46:30 left$/);
    // A file has grown since it was counted.
    expect(renderProgress({ done: 2e9, total: 1e9, ms: 1000 })).to.match(/ 100 % {2}2000\.0 MB\/s {2}0:00 left$/);
    expect(renderProgress({ done: 0, total: 0, ms: 1 })).to.include('100 %');
  });

  it('is a bar in a terminal, and a line now and then elsewhere', () => {
    for (const [isTTY, ms, expected] of [
      [true, 250, /^\r\[-+\] +0 % .*ESC\[K\rESC\[Ka\.txt: done\n\r\[#+.*ESC\[K\rESC\[K$/],
      [false, 250, /^a\.txt: done\n$/],
      [false, 10_000, /^\[-+\] +0 % .*\na\.txt: done\n\[#+.*\n$/],
    ] as const) {
      const written: string[] = [];
      let time = 0;
      const out = { isTTY, write: (text: string) => written.push(text) > 0 } as unknown as NodeJS.WriteStream;
      const progress = new Progress({ out, now: () => time });
      progress.expect(1000);
      for (const bytes of [1, 999]) {
        time += ms;
        progress.add(bytes);
        if (bytes === 1) progress.say('a.txt: done');
      }
      progress.end();
      expect(written.join('').replaceAll('\x1b', 'ESC')).to.match(expected);
    }
  });
});
