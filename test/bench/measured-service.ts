// A service whose event loop delay is measured.
import { once } from 'node:events';
import { join } from 'node:path';
import { PROJECT } from '../helpers/project.js';
import { type Service, spawnService } from '../helpers/spawn-service.js';
import type { LoopDelay } from './loop-probe.js';

export function spawnMeasured(env: Record<string, string>): Service {
  return spawnService(env, join(PROJECT, 'dist/test/bench/loop-probe.js'));
}

export function measure({ child }: Service): void {
  child.send('measure');
}

/** Returns the delay since `measure` was called. */
export async function report({ child }: Service): Promise<LoopDelay> {
  child.send('report');
  for (;;) {
    const [message] = await once(child, 'message');
    // The other message is `ready`.
    if (typeof message === 'object') return message as LoopDelay;
  }
}
