// Waits until a service knows the names of its dictionaries.
import { setTimeout as sleep } from 'node:timers/promises';

/** A failed request waits only a little for the first listing, which may take longer. */
export async function warmSuggestions(url: string): Promise<void> {
  while (!(await (await fetch(`${url}/d/devils-dictionary`)).text()).includes('Did you mean')) await sleep(20);
}
