// Turns a caller's selector into one that only leads to visible dictionaries.
import { LRUCache } from 'lru-cache';
import { AppError } from '../../errors.js';
import { changedDictionaryError, noDictionaryError, unknownDictionaryError } from '../corpus/default-dictionary.js';
import { namesWithSuffix } from '../corpus/encodings.js';
import { globsOfAll, namesIn, selectorOf, selectsSeveral } from '../dictionary-selector.js';

export interface ResolverOptions {
  /** Whether a dictionary is visible, by its name in the list. */
  isVisible: (name: string) => boolean;
  /** The selector of all visible dictionaries. */
  all: string;
  /** As in `SearchEngine`. */
  listedName: (name: string) => Promise<string> | string;
  /** Returns the default dictionary, or `undefined` if no dictionary is visible. */
  defaultName: () => Promise<string | undefined>;
}

/** Bounds the cache of checked names: at most some hundred kilobytes. */
const MAX_NAMES = 1_000;
const MAX_NAME_LENGTH = 255;

export class SelectorResolver {
  readonly #options: ResolverOptions;
  /** A name has some fifty spellings to check, which takes as long as a cached answer. */
  readonly #visibleNames = new LRUCache<string, boolean>({ max: MAX_NAMES });

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  /**
   * Throws `unknown_dictionary` if a dictionary isn't visible, as if it didn't exist. Returns
   * synchronously if the name alone decides.
   */
  resolve(selector: string | undefined): Promise<string> | string {
    if (selector === undefined) return this.#resolveDefault();
    if (!selectsSeveral(selector)) return this.#resolveName(selector);
    return globsOfAll(selector) === undefined ? this.#resolveSeveral(selector) : this.#options.all;
  }

  /** Whether a name leads to a visible dictionary. */
  async canResolve(name: string): Promise<boolean> {
    try {
      const resolved = await this.resolve(name);
      await this.#options.listedName(resolved);
      return true;
    } catch (error) {
      if (isUnknown(error)) return false;
      throw error;
    }
  }

  /**
   * Throws `dictionary_changed` if a resolved name leads elsewhere by now: its file may have been
   * replaced by a hidden one, of which it omits the suffix, before it was read.
   */
  async assertUnchanged(resolved: string): Promise<void> {
    if (selectsSeveral(resolved)) {
      if (globsOfAll(resolved) !== undefined) return;
      for (const name of namesIn(resolved)) await this.assertUnchanged(name);
      return;
    }
    if (resolved.includes('/') || this.#isVisibleHoweverSpelled(resolved)) return;
    if (!(await this.#isListed(resolved))) throw changedDictionaryError(resolved);
  }

  async #resolveDefault(): Promise<string> {
    const name = await this.#options.defaultName();
    if (name === undefined) throw noDictionaryError();
    return this.#resolveName(name);
  }

  /** Resolves the names in order, so that the first that doesn't exist is reported. */
  async #resolveSeveral(selector: string): Promise<string> {
    const names: string[] = [];
    for (const name of namesIn(selector)) {
      const resolved = await this.#resolveName(name);
      await this.#options.listedName(resolved);
      names.push(resolved);
    }
    return selectorOf(names);
  }

  #resolveName(name: string): Promise<string> | string {
    const { isVisible } = this.#options;
    const [top = name] = name.split('/', 1);
    // Only the last component of a name can omit a suffix.
    if (top !== name) {
      if (isVisible(top)) return name;
      throw unknownDictionaryError(name);
    }
    if (this.#isVisibleHoweverSpelled(name)) return name;
    const candidates = [name, ...namesWithSuffix(name)].filter(isVisible);
    if (candidates.length === 0) throw unknownDictionaryError(name);
    return this.#firstListed(name, candidates);
  }

  /** Returns the first candidate that is the name of a dictionary. */
  async #firstListed(name: string, candidates: readonly string[]): Promise<string> {
    for (const candidate of candidates) if (await this.#isListed(candidate)) return candidate;
    throw unknownDictionaryError(name);
  }

  /** Whether a dictionary has exactly this name. */
  async #isListed(name: string): Promise<boolean> {
    try {
      return (await this.#options.listedName(name)) === name;
    } catch (error) {
      if (isUnknown(error)) return false;
      throw error;
    }
  }

  /** Whether everything that the name may lead to is visible. */
  #isVisibleHoweverSpelled(name: string): boolean {
    const known = this.#visibleNames.get(name);
    if (known !== undefined) return known;
    const { isVisible } = this.#options;
    const isAlwaysVisible = isVisible(name) && namesWithSuffix(name).every(isVisible);
    if (name.length <= MAX_NAME_LENGTH) this.#visibleNames.set(name, isAlwaysVisible);
    return isAlwaysVisible;
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof AppError && error.code === 'unknown_dictionary';
}
