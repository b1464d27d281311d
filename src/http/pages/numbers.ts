// Formats numbers for people.
const NUMBER = new Intl.NumberFormat('en');

/** `31,102` */
export function renderNumber(number: number): string {
  return NUMBER.format(number);
}

/** `4 ms`, `1.2 s`. */
export function renderMs(ms: number): string {
  return ms < 1000 ? `${Math.ceil(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** `4.3 MB` */
export function renderBytes(bytes: number): string {
  let size = bytes;
  let unit = 0;
  for (; size >= 1000 && unit < UNITS.length - 1; unit += 1) size /= 1000;
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}
