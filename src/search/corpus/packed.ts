// Files packed by gzip, recognized by their suffix.

const PACKED_SUFFIX = '.gz';

export function isPacked(path: string): boolean {
  return path.endsWith(PACKED_SUFFIX);
}

/** Returns the packed file that `name` stands for if there is no file `name` itself. */
export function packedNameOf(name: string): string {
  return name + PACKED_SUFFIX;
}
