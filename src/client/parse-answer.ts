// Parses the JSON of answers.
import type { Answer, Dictionary, DictionaryList, Summary } from './answers.js';
import { UnexpectedAnswerError } from './errors.js';

const NR_OF_ENTRIES = 'nr of entries';

/** Whether a value is the last line of an answer in NDJSON. No result has such a property. */
export function isSummary(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, NR_OF_ENTRIES);
}

export function toSummary({ [NR_OF_ENTRIES]: nrOfEntries, truncated }: Record<string, unknown>): Summary {
  if (typeof nrOfEntries !== 'number') throw missing(NR_OF_ENTRIES);
  return { nrOfEntries, ...(typeof truncated === 'string' && { truncated }) };
}

export function toAnswer<Result>(json: Record<string, unknown>): Answer<Result> {
  if (!Array.isArray(json.results)) throw missing('results');
  return { ...toSummary(json), results: json.results };
}

export function toDictionaryList(json: Record<string, unknown>): DictionaryList {
  const { default: byDefault, dictionaries, 'nr of dictionaries': nrOfDictionaries } = json;
  if (!Array.isArray(dictionaries)) throw missing('dictionaries');
  return {
    ...(typeof byDefault === 'string' && { default: byDefault }),
    // The list has no count unless a part of it was requested.
    nrOfDictionaries: typeof nrOfDictionaries === 'number' ? nrOfDictionaries : dictionaries.length,
    dictionaries: dictionaries as Dictionary[],
  };
}

function missing(name: string): UnexpectedAnswerError {
  return new UnexpectedAnswerError(`The answer has no "${name}". Check "url".`);
}
