// A process that tries to take a lock and prints whether it could. It then passes the lock to its
// parent, which stays alive.
import { renameSync, symlinkSync } from 'node:fs';
import { takeLock } from '../../src/concurrency/file-lock.js';
import { processIdentity } from '../../src/concurrency/process-identity.js';

const [path = ''] = process.argv.slice(2);
const isTaken = takeLock(path) || takeLock(path) || takeLock(path);
if (isTaken) {
  symlinkSync(processIdentity(process.ppid), `${path}.parent`);
  renameSync(`${path}.parent`, path);
}
console.log(isTaken);
