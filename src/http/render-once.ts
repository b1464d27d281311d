import { createHash } from 'node:crypto';

export interface RenderedListing {
  /** UTF-8, shared by all responses. */
  body: Buffer;
  /** A hash of the body, for the ETag. */
  etagSeed: string;
}

/** Memoizes rendering by listing: rendering thousands of dictionaries is slow. */
export function renderOnce<Listing extends object>(
  render: (listing: Listing) => string,
): (listing: Listing) => RenderedListing {
  const cache = new WeakMap<Listing, RenderedListing>();
  return (listing) => {
    const rendered = cache.get(listing) ?? toRenderedListing(render(listing));
    cache.set(listing, rendered);
    return rendered;
  };
}

function toRenderedListing(text: string): RenderedListing {
  const body = Buffer.from(text);
  return { body, etagSeed: createHash('sha256').update(body).digest('base64url') };
}
