// The sequences of four bytes that GB18030 leaves unassigned. iconv-lite 0.7 decodes them as other
// characters (https://github.com/pillarjs/iconv-lite/pull/417).

/** The assigned ranges of pointers, which the Encoding Standard counts from 81 30 81 30. */
const LAST_OF_BMP = 39_419;
const FIRST_BEYOND_BMP = 189_000;
const LAST = 1_237_575;

/** U+FFFD, in GB18030. */
const REPLACEMENT = Buffer.of(0x84, 0x31, 0xa4, 0x37);

/**
 * Replaces each unassigned sequence by U+FFFD. The text must begin with a whole character. Returns
 * the text itself if there is nothing to replace.
 */
export function withoutUnassigned(text: Buffer): Buffer {
  let replaced = text;
  for (let at = 0; at < text.length; ) {
    const pointer = pointerAt(text, at);
    if (pointer !== undefined && !isAssigned(pointer)) {
      if (replaced === text) replaced = Buffer.from(text);
      REPLACEMENT.copy(replaced, at);
    }
    at += pointer === undefined ? lengthAt(text, at) : REPLACEMENT.length;
  }
  return replaced;
}

function isAssigned(pointer: number): boolean {
  return pointer <= LAST_OF_BMP || (pointer >= FIRST_BEYOND_BMP && pointer <= LAST);
}

/** Returns `undefined` if no sequence of four bytes begins there. */
function pointerAt(text: Buffer, at: number): number | undefined {
  const [first, second, third, fourth] = [text[at], text[at + 1], text[at + 2], text[at + 3]] as number[];
  if (!isLead(first) || !isDigit(second) || !isLead(third) || !isDigit(fourth)) return undefined;
  const pointer = ((first as number) - 0x81) * 10 + (second as number) - 0x30;
  return (pointer * 126 + (third as number) - 0x81) * 10 + (fourth as number) - 0x30;
}

/** Returns the number of bytes of a character of one or two bytes. What is invalid takes one. */
function lengthAt(text: Buffer, at: number): number {
  const second = text[at + 1] ?? 0;
  return isLead(text[at]) && second >= 0x40 && second !== 0x7f && second !== 0xff ? 2 : 1;
}

function isLead(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x81 && byte <= 0xfe;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
