// Makes untrusted text safe for a terminal, which would interpret the control characters in it.

/** Control characters of C0 but the tab, DEL, and those of C1, such as CSI. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what the pattern must match
const CONTROL = /[\0-\x08\n-\x1f\x7f-\x9f]/g;
const DELETE = 0x7f;
const CONTROL_PICTURES = 0x2400;
const DELETE_PICTURE = '\u2421';
const REPLACEMENT = '\ufffd';

/** Replaces each control character by one visible character, so that offsets stay the same. */
export function printable(text: string): string {
  return text.replace(CONTROL, (character) => {
    const code = character.charCodeAt(0);
    if (code < DELETE) return String.fromCharCode(CONTROL_PICTURES + code);
    return code === DELETE ? DELETE_PICTURE : REPLACEMENT;
  });
}

/** Renders a value as JSON, in which all control characters are escaped, also those of C1. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(
    CONTROL,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
