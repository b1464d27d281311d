// The dictionary that is searched if a request names none. Once chosen it stays the default, even
// if a file is added that would sort before it.
import { AppError } from '../../errors.js';
import { globsOfAll, namesIn, selectsSeveral } from '../dictionary-selector.js';
import { quoteName } from './quote-name.js';

/** The dictionaries to choose from. */
export interface Candidates {
  has(name: string): Promise<boolean>;
  /** Returns the first name in byte order, or `undefined` if there is no dictionary. */
  first(): Promise<string | undefined>;
}

/** Returns `undefined` if there are no dictionaries yet. */
export type ChooseDefault = (candidates: Candidates) => Promise<string | undefined>;

export interface DefaultOptions {
  /** The configured name, if any. The dictionary may be missing. */
  defaultDictionary: string | undefined;
  /** Chooses one if none is configured. The default is the first candidate. */
  chooseDefault?: ChooseDefault;
  /** Called once, with the name. */
  onDefault?: (name: string) => void;
}

export class DefaultDictionary {
  readonly #options: DefaultOptions;
  #name: string | undefined;

  constructor(options: DefaultOptions) {
    this.#options = options;
    if (options.defaultDictionary !== undefined) this.#choose(options.defaultDictionary);
  }

  /** Returns `undefined` if it hasn't been chosen yet. */
  get name(): string | undefined {
    return this.#name;
  }

  /** Chooses the default dictionary unless one has been chosen. */
  async resolve(candidates: Candidates): Promise<string | undefined> {
    if (this.#name !== undefined) return this.#name;
    const { chooseDefault = ({ first }) => first() } = this.#options;
    const chosen = await chooseDefault(candidates);
    // A concurrent call may have chosen in the meantime.
    if (this.#name === undefined && chosen !== undefined) this.#choose(chosen);
    return this.#name;
  }

  #choose(name: string): void {
    this.#name = name;
    this.#options.onDefault?.(name);
  }
}

/** For a request that names no dictionary when none exists. */
export function noDictionaryError(): AppError {
  return new AppError('unknown_dictionary', 'There are no dictionaries.');
}

export function unknownDictionaryError(name: string, cause?: unknown): AppError {
  const message = `There is no dictionary named ${quoteName(name)}.`;
  return new AppError('unknown_dictionary', message, { cause, unknownName: name });
}

export function unreadableDictionaryError(name: string | undefined, cause: unknown): AppError {
  return new AppError('unreadable_dictionary', `${describeDictionary(name)} is not readable.`, { cause });
}

export function changedDictionaryError(name: string | undefined, cause?: unknown): AppError {
  return new AppError('dictionary_changed', `${describeDictionary(name)} changed during the search.`, { cause });
}

/** Names what a selector selects at the start of a message. */
export function describeDictionary(selector: string | undefined): string {
  if (selector === undefined) return 'The default dictionary';
  if (globsOfAll(selector) !== undefined) return 'A dictionary';
  if (selectsSeveral(selector)) return `One of the ${namesIn(selector).length} dictionaries`;
  return `The dictionary ${quoteName(selector)}`;
}
