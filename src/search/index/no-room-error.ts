// The failure of a build that the setting INDEX_MAX_MB forbids.

/** All indexes together would exceed their maximum size. */
export class NoRoomError extends Error {
  override readonly name = 'NoRoomError';
}

/** Rounds up, so that a size that is too large doesn't look as if it fitted. */
export function renderMib(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
