/**
 * A text larger than this takes long to search. grep reads at least 100 MB per second, so it
 * finishes a smaller one in a fraction of a second.
 */
export const LARGE_BYTES = 64 * 1024 * 1024;
