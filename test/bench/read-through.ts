import { open } from 'node:fs/promises';

/** Reads a file into the page cache, where it would be after a while. */
export async function readThrough(path: string): Promise<void> {
  const file = await open(path);
  for await (const _ of file.createReadStream({ highWaterMark: 2 ** 20 }));
}
