// The lines that separate quotes: blank lines, or in the fortune format lines of `%` alone
// (strfile(1)). The variants for bytes let the loader skip decoding.

export function isBlank(line: string): boolean {
  return line === '' || /^[ \t]+$/.test(line);
}

export function isPercent(line: string): boolean {
  return line === '%';
}

const PERCENT = 0x25;
const SPACE = 0x20;
const TAB = 0x09;

export function isBlankBytes(line: Buffer): boolean {
  return line.every((byte) => byte === SPACE || byte === TAB);
}

export function isPercentBytes(line: Buffer): boolean {
  return line.length === 1 && line[0] === PERCENT;
}
