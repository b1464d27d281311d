// The grep program of this machine.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { OperatorError } from '../../errors.js';
import { findProgram } from '../../process/find-program.js';
import type { Grep } from './run-grep.js';

const run = promisify(execFile);

/** Names that systems have for a locale of UTF-8 in which messages are in English. */
const UTF8_LOCALES = ['C.UTF-8', 'en_US.UTF-8'];

/** Something else than grep may take for ever. */
const TIMEOUT_MS = 10_000;

/** Throws an OperatorError where there is no GNU grep, or none that knows UTF-8. */
export async function findGrep(): Promise<Grep> {
  const program = await findProgram('grep');
  if (program === undefined)
    throw new OperatorError(`There is no grep in PATH (${process.env.PATH}); grepd needs GNU grep.`);
  const { stdout } = await run(program, ['--version'], { timeout: TIMEOUT_MS });
  if (!stdout.includes('GNU grep'))
    throw new OperatorError(`${program} is not GNU grep, which grepd needs; it says: ${stdout.split('\n')[0]}`);
  for (const utf8Locale of UTF8_LOCALES) {
    if (await knowsUtf8(program, utf8Locale)) return { program, utf8Locale };
  }
  throw new OperatorError(`${program} needs one of the locales ${UTF8_LOCALES.join(', ')} to compare characters.`);
}

/** Without the locale grep takes bytes for characters, of which é has two. */
async function knowsUtf8(program: string, locale: string): Promise<boolean> {
  const grep = run(program, ['-q', '-x', '-e', '.'], { env: { LC_ALL: locale }, timeout: TIMEOUT_MS });
  // Whoever ends without reading it does not know.
  grep.child.stdin?.on('error', () => {}).end('é\n');
  return grep.then(
    () => true,
    () => false,
  );
}
