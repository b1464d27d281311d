// What grep prints, in pieces of any size, becomes entries.

export interface EntryReader {
  /** How many entries there were so far, given or not. */
  readonly nrOfEntries: number;
  /** The entries that a piece of grep's output completes. */
  read(output: Buffer): string[];
  /** The entries that the end of grep's output completes. */
  end(): string[];
}

const NEWLINE = 0x0a;

/** Cuts output into lines. grep ends every line with a newline, also one that has none in its file. */
class Lines {
  #rest: Buffer[] = [];

  /** The lines that this piece completes, without their ends. */
  read(output: Buffer): string[] {
    const end = output.lastIndexOf(NEWLINE);
    if (end === -1) {
      this.#rest.push(output);
      return [];
    }
    // Whole lines hold whole characters: no character is torn apart by decoding them together.
    const whole = Buffer.concat([...this.#rest, output.subarray(0, end)]).toString('utf8');
    this.#rest = end + 1 < output.length ? [output.subarray(end + 1)] : [];
    const lines = whole.split('\n');
    return whole.includes('\r') ? lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line)) : lines;
  }
}

/** Entries that are one line: of grep without context. */
export class LineEntries implements EntryReader {
  readonly #lines = new Lines();
  #wanted: number;
  nrOfEntries = 0;

  constructor(most: number) {
    this.#wanted = most;
  }

  read(output: Buffer): string[] {
    if (this.#wanted === 0) {
      this.nrOfEntries += countNewlines(output);
      return [];
    }
    const lines = this.#lines.read(output);
    this.nrOfEntries += lines.length;
    const entries = lines.slice(0, this.#wanted);
    this.#wanted -= entries.length;
    return entries;
  }

  end(): string[] {
    return [];
  }
}

/**
 * Entries that are a match with its context: of grep with -A, -B and -b. There every line begins with its byte offset and
 * `:` for a match or `-` for context; only the separator `--`, between groups of lines that do not adjoin or are of two
 * files, does not. (-b tells the two apart as -n would, and costs less: -n makes grep count all newlines.)
 *
 * Where contexts overlap grep prints a line once; here each match gets its own copy.
 */
export class ContextEntries implements EntryReader {
  readonly #lines = new Lines();
  readonly #before: number;
  readonly #after: number;
  /** The last lines of the group, at most `before`. */
  #recent: string[] = [];
  /** Entries that still lack lines after their match, oldest first. */
  #open: { lines: string[]; lacks: number }[] = [];
  #wanted: number;
  nrOfEntries = 0;

  constructor(most: number, before: number, after: number) {
    this.#wanted = most;
    this.#before = before;
    this.#after = after;
  }

  read(output: Buffer): string[] {
    const complete: string[] = [];
    for (const line of this.#lines.read(output)) {
      if (line === '--') complete.push(...this.end());
      else this.#take(line, complete);
    }
    return complete;
  }

  /** Also the end of a group: the file has no more lines for what is open. */
  end(): string[] {
    const complete = this.#open.map(({ lines }) => lines.join('\n'));
    this.#open = [];
    this.#recent = [];
    return complete;
  }

  #take(line: string, complete: string[]): void {
    const mark = line.search(/[:-]/);
    const text = line.slice(mark + 1);
    for (const entry of this.#open) {
      entry.lines.push(text);
      entry.lacks -= 1;
    }
    if (line[mark] === ':') {
      this.nrOfEntries += 1;
      if (this.#wanted > 0) {
        this.#wanted -= 1;
        this.#open.push({ lines: [...this.#recent, text], lacks: this.#after });
      }
    }
    while (this.#open[0]?.lacks === 0) complete.push(this.#open.shift()?.lines.join('\n') ?? '');
    this.#recent.push(text);
    if (this.#recent.length > this.#before) this.#recent.shift();
  }
}

function countNewlines(output: Buffer): number {
  let count = 0;
  for (let at = output.indexOf(NEWLINE); at !== -1; at = output.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
