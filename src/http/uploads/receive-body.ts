// Receives the body of an upload, which may be large and take long.
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../errors.js';

/** The minimum rate at which a client must send. */
export const MIN_BYTES_PER_SECOND = 50_000;

const CHECK_INTERVAL_MS = 1_000;

export interface BodyLimits {
  maxBytes: number;
  /** How long the client may take in addition to what its bytes take at the minimum rate. */
  graceMs: number;
}

/** Returns the longest that an upload may take. */
export function maxUploadMs({ maxBytes, graceMs }: BodyLimits): number {
  return graceMs + Math.ceil((maxBytes / MIN_BYTES_PER_SECOND) * 1_000);
}

/**
 * Yields the body. Throws `body_too_large`, and `request_timeout` if the client is too slow. The
 * connection stays open, so that it can still carry the response.
 */
export async function* receiveBody(request: IncomingMessage, limits: BodyLimits): AsyncGenerator<Buffer, void> {
  const { maxBytes } = limits;
  if (Number(request.headers['content-length']) > maxBytes) throw tooLargeError(maxBytes);
  const chunks: AsyncIterator<Buffer> = request.iterator({ destroyOnReturn: false });
  const progress = { bytes: 0 };
  const { timedOut, stop } = watchRate(progress, limits.graceMs);
  try {
    for (;;) {
      const step = await Promise.race([chunks.next(), timedOut]);
      if (step.done) return;
      progress.bytes += step.value.length;
      if (progress.bytes > maxBytes) throw tooLargeError(maxBytes);
      yield step.value;
    }
  } finally {
    stop();
  }
}

/** Returns a promise that rejects when the rate is too low. */
function watchRate(progress: { bytes: number }, graceMs: number): { timedOut: Promise<never>; stop: () => void } {
  const startedMs = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<never>((_, reject) => {
    timer = setInterval(
      () => {
        const allowedMs = graceMs + (progress.bytes / MIN_BYTES_PER_SECOND) * 1_000;
        if (performance.now() - startedMs > allowedMs) reject(tooSlowError());
      },
      Math.min(CHECK_INTERVAL_MS, graceMs),
    );
  });
  // The rate may get too low while nothing waits for the body.
  timedOut.catch(() => {});
  return { timedOut, stop: () => clearInterval(timer) };
}

function tooLargeError(maxBytes: number): AppError {
  return new AppError('body_too_large', `An upload must be at most ${maxBytes} bytes (UPLOAD_MB).`);
}

function tooSlowError(): AppError {
  return new AppError('request_timeout', `The upload is slower than ${MIN_BYTES_PER_SECOND} bytes per second.`);
}
