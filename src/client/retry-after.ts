// How long to wait before a retry, according to Retry-After (RFC 9110, section 10.2.3).

/** Parses the header: a number of seconds, or a date. Returns seconds from `now`, 0 or more. */
export function parseRetryAfter(header: string | null, now = Date.now()): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text);
  // `Date.parse` accepts much that isn't an HTTP date, such as "1.5".
  if (!/^[a-z]{3,9},? .*\d{2}:\d{2}:\d{2}/i.test(text)) return undefined;
  // The obsolete asctime format is in UTC, but has no time zone.
  const date = Date.parse(/gmt$/i.test(text) ? text : `${text} GMT`);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1_000));
}
