// A thread that takes a lock and lets it go, again and again, until it is ended.
import { workerData } from 'node:worker_threads';
import { releaseLock, takeLock } from '../../src/concurrency/file-lock.js';

for (;;) {
  if (!takeLock(workerData)) throw new Error('Nobody else takes it');
  releaseLock(workerData);
}
