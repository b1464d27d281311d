// Remembers what scans have found out about texts, so that each version of a text is scanned once.
import { combineVersions } from '../../corpus/dictionary-file.js';
import type { TextFile } from '../../corpus/text-file.js';
import type { Trait } from '../../corpus/text-traits.js';

/** A text that can be scanned. */
export type TraitText = Pick<TextFile, 'path' | 'version' | 'changedMs' | 'has' | 'hasChanged'>;

const MAX_TRAITS = 10_000;

/** Caches the traits of texts by the version of their file. */
export class TraitCache {
  readonly #traits = new Map<string, boolean>();

  /** Returns `undefined` if it isn't cached. */
  get(trait: Trait, { version }: { version: string }): boolean | undefined {
    return this.#traits.get(`${trait} ${version}`);
  }

  /** Caches what is known without a scan. */
  set(trait: Trait, { version }: { version: string }, has: boolean): void {
    if (this.#traits.size >= MAX_TRAITS) {
      const [oldest] = this.#traits.keys();
      this.#traits.delete(oldest as string);
    }
    this.#traits.set(`${trait} ${version}`, has);
  }

  /** Scans the text unless the trait is cached. */
  async resolve(trait: Trait, text: TraitText, signal: AbortSignal): Promise<boolean> {
    const cached = this.get(trait, text);
    if (cached !== undefined) return cached;
    const nowMs = Date.now();
    const has = await text.has(trait, signal);
    // A text that changed during the scan has another version, unless it also changed just before.
    const isStable = !text.hasChanged() && combineVersions([text], nowMs) !== undefined;
    if (isStable) this.set(trait, text, has);
    return has;
  }
}
