// A process that tries to take a lock, and has it from then on in the name of its parent, which lives on. It prints whether it could.
import { renameSync, symlinkSync } from 'node:fs';
import { takeLock } from '../../src/concurrency/file-lock.js';
import { nameOf } from '../../src/runtime/workers-folder.js';

const [path = ''] = process.argv.slice(2);
const isTaken = takeLock(path) || takeLock(path) || takeLock(path);
if (isTaken) {
  symlinkSync(nameOf(process.ppid), `${path}.parent`);
  renameSync(`${path}.parent`, path);
}
console.log(isTaken);
