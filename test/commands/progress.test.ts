import { expect } from 'chai';
import { Progress, renderProgress } from '../../src/commands/progress.js';

describe('Progress', () => {
  it('renders the fraction, the rate and the time left', () => {
    expect(renderProgress({ doneBytes: 0, totalBytes: 100, elapsedMs: 0 })).to.equal(
      `[${'-'.repeat(30)}]   0 %  0.0 MB/s`,
    );
    const half = renderProgress({ doneBytes: 5e8, totalBytes: 1e9, elapsedMs: 10_000 });
    expect(half).to.equal(`[${'#'.repeat(15)}${'-'.repeat(15)}]  50 %  50.0 MB/s  0:10 left`);
    expect(renderProgress({ doneBytes: 1e9, totalBytes: 1e12, elapsedMs: 10_000 })).to.match(
      / {2}0 % {2}100\.0 MB\/s {2}2:46:30 left$/,
    );
    // A file has grown since its size was read.
    expect(renderProgress({ doneBytes: 2e9, totalBytes: 1e9, elapsedMs: 1000 })).to.match(
      / 100 % {2}2000\.0 MB\/s {2}0:00 left$/,
    );
    expect(renderProgress({ doneBytes: 0, totalBytes: 0, elapsedMs: 1 })).to.include('100 %');
  });

  it('draws a bar in a terminal, and prints a line every ten seconds elsewhere', () => {
    for (const [isTTY, ms, expected] of [
      [true, 250, /^\r\[-+\] +0 % .*ESC\[K\rESC\[Ka\.txt: done\n\r\[#+.*ESC\[K\rESC\[K$/],
      [false, 250, /^a\.txt: done\n$/],
      [false, 10_000, /^\[-+\] +0 % .*\na\.txt: done\n\[#+.*\n$/],
    ] as const) {
      const written: string[] = [];
      let time = 0;
      const out = { isTTY, write: (text: string) => written.push(text) > 0 } as unknown as NodeJS.WriteStream;
      const progress = new Progress({ out, now: () => time });
      progress.addToTotal(1000);
      for (const bytes of [1, 999]) {
        time += ms;
        progress.add(bytes);
        if (bytes === 1) progress.print('a.txt: done');
      }
      progress.clear();
      expect(written.join('').replaceAll('\x1b', 'ESC')).to.match(expected);
    }
  });
});
