// Preloaded into a service: measures how long its event loop keeps what is due waiting.
import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface LoopDelay {
  /** Milliseconds, the resolution of a millisecond taken off. */
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
// Waiting for a message is no reason to live.
process.channel?.unref();
