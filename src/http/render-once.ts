import { createHash } from 'node:crypto';

export interface RenderedListing {
  /** In UTF-8: the same bytes for all who are sent it. */
  body: Buffer;
  /** Stands for the body in an ETag. */
  sameness: string;
}

/** Renders a listing once for all who are given the same one. With thousands of dictionaries that takes long. */
export function renderOnce<Listing extends object>(
  render: (listing: Listing) => string,
): (listing: Listing) => RenderedListing {
  const known = new WeakMap<Listing, RenderedListing>();
  return (listing) => {
    const rendered = known.get(listing) ?? asBytes(render(listing));
    known.set(listing, rendered);
    return rendered;
  };
}

function asBytes(text: string): RenderedListing {
  const body = Buffer.from(text);
  return { body, sameness: createHash('sha256').update(body).digest('base64url') };
}
