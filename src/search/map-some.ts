// Many files, a few at a time.

export const AT_A_TIME = 64;

/** Does something with each, a few at a time: thousands of files must not keep others waiting. */
export async function mapSome<From, To>(all: From[], work: (each: From) => Promise<To>): Promise<To[]> {
  const results: To[] = [];
  for (let at = 0; at < all.length; at += AT_A_TIME) {
    results.push(...(await Promise.all(all.slice(at, at + AT_A_TIME).map(work))));
  }
  return results;
}
