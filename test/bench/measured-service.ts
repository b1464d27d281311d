// A service whose event loop is measured, from outside.
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

/** What has been measured since. */
export async function report({ child }: Service): Promise<LoopDelay> {
  child.send('report');
  for (;;) {
    const [message] = await once(child, 'message');
    // A worker also says when it is ready.
    if (typeof message === 'object') return message as LoopDelay;
  }
}
