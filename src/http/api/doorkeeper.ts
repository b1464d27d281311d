// Tells what is asked again from what is asked once, in little memory: the doorkeeper of TinyLFU (https://arxiv.org/abs/1512.00727).

/** A power of two. */
const PLACES = 2 ** 16;

export class Doorkeeper {
  /** The latest key of each place, by its hash. */
  readonly #seen = new Uint32Array(PLACES);

  /** Whether the key has come lately: since then no more than some tens of thousands of others. In one of four billion cases it may have been another. */
  knows(key: string): boolean {
    const hash = hashOf(key);
    const place = hash % PLACES;
    const isKnown = this.#seen[place] === hash;
    this.#seen[place] = hash;
    return isKnown;
  }
}

/** FNV-1a (draft-eastlake-fnv), mixed as MurmurHash3 does at its end, as the low bits tell the place. Never 0, which is an empty place. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0 || 1;
}
