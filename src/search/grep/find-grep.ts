// Finds the grep program of this machine.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { OperatorError } from '../../errors.js';
import { findProgram } from '../../process/find-program.js';
import type { Grep } from './run-grep.js';

const run = promisify(execFile);

/** Locales with UTF-8 characters and English messages, by the names that systems give them. */
const UTF8_LOCALES = ['C.UTF-8', 'en_US.UTF-8'];

/** A program that isn't grep may never exit. */
const TIMEOUT_MS = 10_000;

/** Throws an OperatorError if GNU grep or a UTF-8 locale is missing. */
export async function findGrep(): Promise<Grep> {
  const program = await findProgram('grep');
  if (program === undefined)
    throw new OperatorError(`There is no grep in PATH (${process.env.PATH}); grepd needs GNU grep.`);
  const { stdout } = await run(program, ['--version'], { timeout: TIMEOUT_MS });
  if (!stdout.includes('GNU grep')) {
    const [version] = stdout.split('\n');
    throw new OperatorError(`${program} is not GNU grep, which grepd needs. Its version is: ${version}`);
  }
  for (const utf8Locale of UTF8_LOCALES) {
    if (await supportsLocale(program, utf8Locale)) return { program, utf8Locale };
  }
  throw new OperatorError(`${program} needs one of the locales ${UTF8_LOCALES.join(', ')} to compare characters.`);
}

/** Without the locale, grep takes each byte for a character, and é has two. */
async function supportsLocale(program: string, locale: string): Promise<boolean> {
  const grep = run(program, ['-q', '-x', '-e', '.'], { env: { LC_ALL: locale }, timeout: TIMEOUT_MS });
  // A program that exits without reading its input fails the check.
  grep.child.stdin?.on('error', () => {}).end('é\n');
  return grep.then(
    () => true,
    () => false,
  );
}
