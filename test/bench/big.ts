// `npm run bench:big -- --megabytes 40 --rounds 15 --seed 1`: compares a literal search in one big
// file with the same grep into a pipe. `--file PATH` uses that file.
import { spawn } from 'node:child_process';
import { copyFile, link, open } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { request } from 'undici';
import { spawnService } from '../helpers/spawn-service.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { writeBigText } from './big-text.js';
import { median } from './median.js';

const { values: options } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '40' },
    rounds: { type: 'string', default: '15' },
    seed: { type: 'string', default: '1' },
    file: { type: 'string' },
  },
});
const NAME = 'big.txt';
const WARM_UP = 3;

const folder = await tempFolder();
const path = join(folder.path, NAME);
if (options.file === undefined) await writeBigText(path, Number(options.megabytes) * 1e6, Number(options.seed));
else await link(options.file, path).catch(() => copyFile(options.file as string, path));
const sample = (await readSample()).match(/[a-zA-Z]{5,}/g) ?? [];
const service = spawnService({ DICTIONARIES_DIR: folder.path, DEFAULT_DICTIONARY: NAME, CACHE_BYTES: '0' });
try {
  const url = `${await service.url()}/api/v1/json`;
  const word = (at: number) => sample[((at + WARM_UP) * 7919) % sample.length] as string;
  const kinds = {
    'a missing term': (round: number) => `${word(round)}#${round}`,
    'a word': word,
    'two letters of it': (round: number) => word(round).slice(0, 2),
  };
  console.log('| | grep into a pipe, ms | grepd, ms | ratio | MB printed |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const [kind, termOf] of Object.entries(kinds)) {
    const grep: number[] = [];
    const grepd: number[] = [];
    let bytes = 0;
    for (let round = -WARM_UP; round < Number(options.rounds); round += 1) {
      const term = termOf(round);
      const alone = await timed(() => grepAlone(term));
      const body = JSON.stringify({ action: 'search', term });
      const headers = { 'Content-Type': 'application/json' };
      const timing = await timed(async () => {
        const answer = await request(url, { method: 'POST', headers, body });
        return (await answer.body.arrayBuffer()).byteLength;
      });
      // The warm-up: code is compiled, and the file is read from the disk.
      if (round < 0) continue;
      grep.push(alone.ms);
      grepd.push(timing.ms);
      bytes = alone.bytes;
    }
    const [ours, floor] = [median(grepd), median(grep)];
    const cells = [kind, floor.toFixed(1), ours.toFixed(1), (ours / floor).toFixed(2), (bytes / 1e6).toFixed(1)];
    console.log(`| ${cells.join(' | ')} |`);
  }
} finally {
  service.child.kill('SIGKILL');
  await service.exited;
  await folder.remove();
}

async function timed(work: () => Promise<number>): Promise<{ ms: number; bytes: number }> {
  const begin = performance.now();
  const bytes = await work();
  return { ms: performance.now() - begin, bytes };
}

/** Returns the number of bytes printed. Into /dev/null, grep would stop at the first match. */
async function grepAlone(term: string): Promise<number> {
  const grep = spawn('grep', ['-F', '-e', term, '--', path], {
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let bytes = 0;
  for await (const chunk of grep.stdout) bytes += chunk.length;
  return bytes;
}

async function readSample(): Promise<string> {
  const file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(1e6), 0, 1e6, 0);
  await file.close();
  return buffer.toString('latin1', 0, bytesRead);
}
