// NDJSON: one JSON value per line.
import { UnexpectedAnswerError } from './errors.js';
import type { Exchange } from './exchange.js';

/** Yields the values of the lines that arrive together. An incomplete last line is ignored. */
export async function* readLines(exchange: Exchange, response: Response): AsyncGenerator<unknown[], void, void> {
  const decoder = new TextDecoder();
  let pending: string[] = [];
  for await (const part of exchange.receive(response)) {
    const text = decoder.decode(part, { stream: true });
    const end = text.lastIndexOf('\n');
    if (end === -1) {
      pending.push(text);
      continue;
    }
    // A line may be long and arrive in many parts, so it is joined only once.
    const lines = [...pending, text.slice(0, end)].join('').split('\n');
    pending = [text.slice(end + 1)];
    yield lines.map(parseLine);
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new UnexpectedAnswerError('A line of the answer is not valid JSON.', { cause: error });
  }
}
