// What small searches are measured with: a text that is made up, and terms to look for in it.

const FILE_BYTES = 62_000;

/** mulberry32: the same numbers for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let it = Math.imul(state ^ (state >>> 15), 1 | state);
    it = (it + Math.imul(it ^ (it >>> 7), 61 | it)) ^ it;
    return ((it ^ (it >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The same for the same seed. */
export function makeWords(seed: number) {
  const random = randomNumbers(seed);
  const below = (end: number) => Math.floor(random() * end);

  /** Lines of words that are made up. */
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

  /** A piece of the text, or (one in four) what is not in it. There are half a million: hardly any comes twice. */
  function anyTerm(): string {
    for (;;) {
      const at = below(text.length - 16);
      const piece = text.slice(at, at + 6 + below(8));
      if (!piece.includes('\n')) return below(4) === 0 ? `${piece}#` : piece;
    }
  }

  const known = Array.from({ length: 1000 }, anyTerm);
  /** `zipf`: the nth of the thousand is asked for about once where the first is asked for n times. */
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
