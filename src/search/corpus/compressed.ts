// Files compressed by gzip, recognized by their suffix.

const GZIP_SUFFIX = '.gz';

export function isCompressed(path: string): boolean {
  return path.endsWith(GZIP_SUFFIX);
}

export function withGzipSuffix(name: string): string {
  return name + GZIP_SUFFIX;
}

/** The inverse of `withGzipSuffix`. */
export function withoutGzipSuffix(path: string): string {
  return path.slice(0, -GZIP_SUFFIX.length);
}
