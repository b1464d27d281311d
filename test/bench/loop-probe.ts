// Preloaded into a service to measure its event loop delay.
import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface LoopDelay {
  /** In milliseconds, without the resolution. */
  p99: number;
  max: number;
}

const RESOLUTION_MS = 1;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

process.on('message', (message) => {
  if (message === 'measure') {
    delay.reset();
    delay.enable();
  }
  if (message === 'report') {
    delay.disable();
    const ms = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
    process.send?.({ p99: ms(delay.percentile(99)), max: ms(delay.max) } satisfies LoopDelay);
  }
});
// The channel must not keep the process running.
process.channel?.unref();
