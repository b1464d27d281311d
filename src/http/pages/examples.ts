// Examples for the start page: searches that find something in the texts at hand.
import { AppError } from '../../errors.js';
import type { DictionaryList, SearchEngine } from '../../search/engine.js';
import { countWords, typicalWords } from './example-words.js';

export interface Example {
  dictionary: string;
  /** What it finds: a word, a word in context, or the words that begin with these letters. */
  kind: 'word' | 'kwic' | 'prefix';
  word: string;
}

const KINDS: Example['kind'][] = ['word', 'kwic', 'prefix'];

const LINES_PER_TEXT = 200;
const CHARACTERS_PER_TEXT = 30_000;
const MAX_PREFIX_LENGTH = 4;

/** Reads the beginning of up to three texts, once for each version of the list: in some 20 ms. */
export function createExamples(engine: SearchEngine) {
  const cache = new WeakMap<DictionaryList, Example[]>();

  return async (list: DictionaryList, signal: AbortSignal): Promise<Example[]> => {
    const known = cache.get(list);
    if (known !== undefined) return known;
    try {
      const examples = await findExamples(list, signal);
      cache.set(list, examples);
      return examples;
    } catch (error) {
      // The page is complete without examples.
      if (!(error instanceof AppError)) throw error;
      return [];
    }
  };

  async function findExamples({ dictionaries, default: first }: DictionaryList, signal: AbortSignal) {
    const names = dictionaries.filter(({ bytes }) => bytes > 0).map(({ name }) => name);
    const texts = [...new Set([...names.filter((name) => name === first), ...names])].slice(0, KINDS.length);
    const counts = await Promise.all(texts.map(async (name) => countWords(await readBeginning(name, signal))));
    const used = new Set<string>();
    return KINDS.flatMap((kind, index): Example[] => {
      const at = index % Math.max(1, texts.length);
      const [dictionary, own] = [texts[at], counts[at]];
      if (dictionary === undefined || own === undefined) return [];
      const others = counts.filter((_, other) => other !== at);
      const word = typicalWords(own, others).find((word) => !used.has(word));
      if (word === undefined) return [];
      used.add(word);
      return [{ dictionary, kind, word: kind === 'prefix' ? prefixOf(word) : word }];
    });
  }

  async function readBeginning(dictionary: string, signal: AbortSignal): Promise<string> {
    const query = { nresults: LINES_PER_TEXT, offset: 0, unit: 'line', order: 'file', format: 'text' } as const;
    const lines: string[] = [];
    let length = 0;
    for await (const entries of engine.all({ dictionary, ...query }, signal)) {
      for (const entry of entries) {
        lines.push(String(entry).slice(0, CHARACTERS_PER_TEXT - length));
        length += lines.at(-1)?.length ?? 0;
      }
      // Reading on would only count the lines.
      if (lines.length >= LINES_PER_TEXT || length >= CHARACTERS_PER_TEXT) break;
    }
    return lines.join('\n');
  }
}

function prefixOf(word: string): string {
  const characters = [...word];
  return characters.slice(0, Math.max(1, Math.min(MAX_PREFIX_LENGTH, characters.length - 2))).join('');
}
