// The benchmark of small searches: a generated text, and terms to search for.

const FILE_BYTES = 62_000;

/** mulberry32. The same seed generates the same numbers. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let it = Math.imul(state ^ (state >>> 15), 1 | state);
    it = (it + Math.imul(it ^ (it >>> 7), 61 | it)) ^ it;
    return ((it ^ (it >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Returns a function that returns a fragment of the text, or (one time in four) a term that is not
 * in it. Terms hardly repeat.
 */
export function termsIn(text: string, random: () => number): () => string {
  const below = (end: number) => Math.floor(random() * end);
  return () => {
    for (;;) {
      const at = below(text.length - 16);
      const fragment = text.slice(at, at + 6 + below(8));
      if (!fragment.includes('\n')) return below(4) === 0 ? `${fragment}#` : fragment;
    }
  };
}

/** The same seed generates the same text and terms. */
export function makeWords(seed: number) {
  const random = randomNumbers(seed);
  const below = (end: number) => Math.floor(random() * end);

  /** Generates lines of random words. */
  function makeText(): string {
    const word = () => Array.from({ length: 3 + below(7) }, () => String.fromCharCode(97 + below(26))).join('');
    const words = Array.from({ length: 6000 }, word);
    const lines: string[] = [];
    for (let bytes = 0; bytes < FILE_BYTES; bytes += (lines.at(-1) as string).length + 1) {
      lines.push(Array.from({ length: 5 + below(6) }, () => words[below(words.length)]).join(' '));
    }
    return `${lines.join('\n')}\n`;
  }

  const text = makeText();
  const lines = text.split('\n').slice(0, -1);

  const anyTerm = termsIn(text, random);
  const known = Array.from({ length: 1000 }, anyTerm);
  /** `zipf`: the nth of the thousand terms occurs about 1/n as often as the first. */
  const kinds = {
    cold: anyTerm,
    zipf: () => known[Math.floor(known.length ** random()) - 1] as string,
    hot: () => known[0] as string,
  };

  function answerTo(term: string): string {
    const results = lines.filter((line) => line.includes(term));
    return JSON.stringify({ 'nr of entries': results.length, results });
  }

  return { text, known, kinds, answerTo, anyTerm };
}
