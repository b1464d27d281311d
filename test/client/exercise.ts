// What every runtime must do with the client: Chromium, Deno and Bun load this module too.
import { createClient, type GrepdError } from '../../src/client/index.js';

export interface Servers {
  /** A service with the bundled dictionaries. */
  url: string;
  key: string;
  /** A server that sends one result of a stream, and breaks off once it is requested again. */
  brokenUrl: string;
}

export async function exercise({ url, key, brokenUrl }: Servers): Promise<object> {
  const client = createClient({ url, key, retries: 0 });
  const nameOf = (error: GrepdError) => error.name;

  const { results } = await client.search({ term: 'love', format: 'object', nresults: 1 });
  const stream = client.allStream({ dictionary: 'king-james-bible.txt' });
  let length = 0;
  for await (const _ of stream) length += 1;
  for await (const _ of client.allStream({ dictionary: 'king-james-bible.txt' })) break;
  const { nrOfDictionaries } = await client.dictionaries({ filter: 'bible' });

  const unknown = await client.list({ folder: 'nope' }).catch((error) => `${error.name} ${error.Code} ${error.code}`);
  const denied = await createClient({ url })
    .list()
    .catch((error) => `${error.name} ${error.Code} ${error.code}`);
  const aborted = await client.list({}, { signal: AbortSignal.abort('enough') }).catch((reason) => reason);

  const broken = createClient({ url: brokenUrl, retries: 0 });
  const read: string[] = [];
  const readBroken = async () => {
    for await (const result of broken.listStream()) {
      read.push(result);
      await broken.list().catch(() => {});
    }
  };
  const brokeOff = await readBroken().then(() => 'complete', nameOf);
  const redirected = await createClient({ url: `${brokenUrl}/redirect/` })
    .list()
    .catch(nameOf);
  return {
    text: results[0]?.text,
    length,
    summary: stream.summary,
    nrOfDictionaries,
    unknown,
    denied,
    aborted,
    read,
    brokeOff,
    redirected,
  };
}
