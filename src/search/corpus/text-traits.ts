// Properties of a text that decide how it is read, found by scanning it.

/** `crlf`: a line ends in `\r\n`. `fortune`: a line is `%` alone (strfile(1)). */
export type Trait = 'crlf' | 'fortune';

const PERCENT = 0x25;

/** The number of bytes on either side of a chunk boundary that can complete a trait. */
const OVERLAP_BYTES = 3;

export async function hasTrait(chunks: AsyncIterable<Buffer>, trait: Trait): Promise<boolean> {
  const isIn = predicates[trait];
  // The start and the end of the text count as line ends.
  let last = Buffer.from('\n');
  for await (const chunk of chunks) {
    if (isIn(Buffer.concat([last, chunk.subarray(0, OVERLAP_BYTES)])) || isIn(chunk)) return true;
    last = Buffer.concat([last, chunk.subarray(-OVERLAP_BYTES)]).subarray(-OVERLAP_BYTES);
  }
  return isIn(Buffer.concat([last, Buffer.from('\n')]));
}

/** Like `hasTrait`, for a whole text. */
export function hasTraitIn(text: Buffer, trait: Trait): boolean {
  return predicates[trait](Buffer.concat([Buffer.from('\n'), text, Buffer.from('\n')]));
}

const predicates: Record<Trait, (bytes: Buffer) => boolean> = {
  crlf: (bytes) => bytes.includes('\r\n'),
  fortune: hasPercentLine,
};

/** Checking each `%` is quicker than searching for whole lines, unless there are very many. */
const MAX_PERCENTS = 1000;

function hasPercentLine(bytes: Buffer): boolean {
  let index = -1;
  for (let percents = 0; percents < MAX_PERCENTS; percents += 1) {
    index = bytes.indexOf(PERCENT, index + 1);
    if (index === -1) return false;
    if (/^\n%\r?\n/.test(bytes.toString('latin1', index - 1, index + 3))) return true;
  }
  return bytes.includes('\n%\n', index) || bytes.includes('\n%\r\n', index);
}
