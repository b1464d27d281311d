// When the server asks for the next attempt (RFC 9110, section 10.2.3).

/** Parses the header: a number of seconds, or a date. Returns seconds from `now`, 0 or more. */
export function parseRetryAfter(header: string | null, now = Date.now()): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text);
  // `Date.parse` reads much that is no HTTP date, such as "1.5".
  if (!/^[a-z]{3,9},? .*\d{2}:\d{2}:\d{2}/i.test(text)) return undefined;
  // The obsolete asctime format doesn't say that it is in UTC.
  const date = Date.parse(/gmt$/i.test(text) ? text : `${text} GMT`);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1_000));
}
