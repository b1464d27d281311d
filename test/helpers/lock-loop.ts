// A worker thread that takes and releases a lock in a loop until it is terminated.
import { workerData } from 'node:worker_threads';
import { releaseLock, takeLock } from '../../src/concurrency/file-lock.js';

for (;;) {
  if (!takeLock(workerData)) throw new Error('The lock was not free');
  releaseLock(workerData);
}
