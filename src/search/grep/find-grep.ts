// Finds the grep program of this machine.
import { OperatorError } from '../../errors.js';
import { findProgram, findRequiredProgram } from '../../process/find-program.js';
import { probe } from '../../process/probe.js';
import type { Grep } from './run-grep.js';
import { findSlicer } from './text-slice.js';

/** Locales with UTF-8 characters and English messages, by the names that systems give them. */
const UTF8_LOCALES = ['C.UTF-8', 'en_US.UTF-8'];

/** Throws an OperatorError if GNU grep or a UTF-8 locale is missing. */
export async function findGrep(): Promise<Grep> {
  const program = await findRequiredProgram('grep', 'GNU grep');
  const output = await probe(program, ['--version']);
  if (!output.includes('GNU grep')) {
    const [version] = output.split('\n');
    throw new OperatorError(`${program} is not GNU grep, which grepd needs. Its version is: ${version}`);
  }
  for (const utf8Locale of UTF8_LOCALES) {
    if (!(await supportsLocale(program, utf8Locale))) continue;
    return { program, utf8Locale, cat: await findProgram('cat'), slicer: await findSlicer() };
  }
  throw new OperatorError(`${program} needs one of the locales ${UTF8_LOCALES.join(', ')} to compare characters.`);
}

/** Without the locale, grep takes each byte for a character, and é has two. */
async function supportsLocale(program: string, locale: string): Promise<boolean> {
  const args = ['-q', '-x', '-e', '.'];
  return probe(program, args, { env: { LC_ALL: locale }, input: 'é\n' }).then(
    () => true,
    () => false,
  );
}
