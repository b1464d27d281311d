// Lays out text for a terminal of 80 columns.

const WIDTH = 80;
const INDENT = 2;
const MAX_TERM_WIDTH = 24;

/** Renders terms with their descriptions beside them, or below a long term. */
export function renderDefinitions(rows: readonly (readonly [term: string, description: string])[]): string {
  const widths = rows.map(([term]) => term.length).filter((width) => width <= MAX_TERM_WIDTH);
  const column = INDENT + Math.max(0, ...widths) + INDENT;
  return rows
    .map(([term, description]) => {
      const text = wrap(description, column);
      const head = ' '.repeat(INDENT) + term;
      return head.length + INDENT <= column ? head.padEnd(column) + text.trimStart() : `${head}\n${text}`;
    })
    .join('\n');
}

/** Breaks text between words, and indents every line. */
export function wrap(text: string, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((text) => ' '.repeat(indent) + text).join('\n');
}
