// Files compressed by gzip, recognized by their suffix.

const GZIP_SUFFIX = '.gz';

export function isCompressed(path: string): boolean {
  return path.endsWith(GZIP_SUFFIX);
}

/** Returns the compressed file that `name` refers to if there is no file `name` itself. */
export function compressedNameOf(name: string): string {
  return name + GZIP_SUFFIX;
}
