// The history of the searches on the page.

/** Typing after a longer pause starts a new history entry, so Back returns to the last query. */
const SAME_QUERY_MS = 2_000;

/** What caused a navigation. The history, the form and the scroll position depend on it. */
export type Cause = 'typed' | 'chosen' | 'submitted' | 'link' | 'history';

let lastTypedAt = Number.NEGATIVE_INFINITY;

/** Adds a URL to the history, with the scroll position, or replaces the latest entry. */
export function pushHistory(address: string, cause: Cause): void {
  if (cause === 'history') return;
  const isSameQuery = cause === 'typed' && performance.now() - lastTypedAt < SAME_QUERY_MS;
  lastTypedAt = cause === 'typed' ? performance.now() : Number.NEGATIVE_INFINITY;
  if (isSameQuery || address === location.href) {
    history.replaceState(null, '', address);
  } else {
    history.replaceState({ scrollY }, '');
    history.pushState(null, '', address);
  }
}
