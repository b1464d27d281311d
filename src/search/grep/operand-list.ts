// Starts a program with thousands of operands without blocking the worker: it writes them to a
// file, and a shell turns the file into arguments. Node.js would copy the arguments one by one, and
// wait until the kernel has copied them, too. With 20,000, that takes twice as long as the rest of a
// spawn (see `npm run bench:folders`, event loop delay).
import { UnlinkedFile } from '../../process/unlinked-file.js';

/** Fewer operands are quicker to pass directly. */
const MIN_OPERANDS = 1_000;

/**
 * `$1` is cat(1), `$2` the list, and the rest the command. The lines of the list become arguments
 * as they are: `-f` disables globs, and nothing else is expanded in the result of an expansion.
 */
const SCRIPT = `set -f
IFS='
'
list=$("$1" -- "$2") || exit 2
[ -n "$list" ] || exit 2
shift 2
exec "$@" $list`;

export class OperandList {
  readonly #file: UnlinkedFile;

  private constructor(file: UnlinkedFile) {
    this.#file = file;
  }

  /** Returns `undefined` if the operands should be passed directly, or the list can't be written. */
  static create(operands: readonly string[]): OperandList | undefined {
    if (operands.length < MIN_OPERANDS || operands.some((operand) => operand.includes('\n'))) return undefined;
    const file = UnlinkedFile.tryCreate(Buffer.from(`${operands.join('\n')}\n`));
    return file && new OperandList(file);
  }

  /** Returns the command that runs `command` with the operands at its end. */
  commandFor(cat: string, command: readonly string[]): [program: string, ...args: string[]] {
    return ['/bin/sh', '-c', SCRIPT, 'sh', cat, this.#file.path, ...command];
  }

  close(): void {
    this.#file.close();
  }
}
