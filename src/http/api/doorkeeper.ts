// The doorkeeper of TinyLFU (https://arxiv.org/abs/1512.00727): keeps keys that are requested only
// once out of a cache, in constant memory.

/** A power of two. */
const BUCKETS = 2 ** 16;

export class Doorkeeper {
  /** The hash of the latest key in each bucket; 0 in an empty bucket. */
  readonly #hashes = new Uint32Array(BUCKETS);

  /**
   * Records a key. Returns whether it was recorded recently: tens of thousands of other keys
   * overwrite it. The false positive rate is one in four billion.
   */
  admit(key: string): boolean {
    const hash = hashOf(key);
    const bucket = hash % BUCKETS;
    const isRecorded = this.#hashes[bucket] === hash;
    this.#hashes[bucket] = hash;
    return isRecorded;
  }
}

/**
 * FNV-1a (draft-eastlake-fnv) with MurmurHash3's finalizer, as the low bits select the bucket.
 * Never 0.
 */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0 || 1;
}
