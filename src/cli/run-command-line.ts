// Runs the command that the arguments name. The settings among them become environment variables.
import { resolve } from 'node:path';
import { withCommandNames } from '../commands/command-names.js';
import { OperatorError } from '../errors.js';
import { readVersion } from '../version.js';
import { type Command, type CommandName, commands, isCommand } from './command-table.js';
import { renderCommandHelp, renderHelp, unknownCommand } from './help.js';
import { loadCommand } from './load-command.js';
import { joinTerms } from './search/parse-search.js';
import { optionOf, takeSettings } from './setting-options.js';

/** The status of grep for an error: 1 means that nothing matches. */
const SEARCH_ERROR_STATUS = 2;

export interface CommandLineOptions {
  /** The environment in which the command runs. Options replace settings in it. */
  env: Record<string, string | undefined>;
  /** The folder at which relative paths among the arguments start. */
  folder: string;
}

/** Prints the result, or the error, and sets the exit status of the process. */
export async function runCommandLine([name, ...args]: string[], options: CommandLineOptions): Promise<void> {
  const errorStatus = name === 'search' ? SEARCH_ERROR_STATUS : 1;
  const given: string[] = [];
  try {
    const result = await run(name, args, options, given);
    if (typeof result === 'number') process.exitCode = result;
    else if (result !== undefined) await print(withCommandNames(result));
  } catch (error) {
    console.error(describeError(error, name, given));
    // An interrupted command has set another status.
    process.exitCode ??= errorStatus;
  }
}

/** Unlike console.log, rejects if the output can't be written, as to a full disk. */
async function print(text: string): Promise<void> {
  // The stream also emits the error, but not always before it calls back.
  process.stdout.on('error', () => {});
  const error = await new Promise<Error | null | undefined>((done) => process.stdout.write(`${text}\n`, done));
  // A reader that closes the pipe has read enough.
  if (error && (error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
}

async function run(name: string | undefined, args: string[], { env, folder }: CommandLineOptions, given: string[]) {
  if (name === undefined) throw new OperatorError(renderHelp());
  if (name === '--version' || name === '-V') return readVersion();
  if (name === '--help' || name === '-h') return renderHelp();
  if (!isCommand(name)) throw unknownCommand(name);
  if (asksForHelp(name, args)) return renderCommandHelp(name);
  const command: Command = commands[name];
  const { env: settings, rest } = takeSettings(args, command.settings, folder);
  const [dictionaries] = rest;
  if (command.takesFolder && dictionaries !== undefined && !dictionaries.startsWith('-')) {
    settings.DICTIONARIES_DIR = resolve(folder, dictionaries);
    rest.shift();
  }
  Object.assign(env, settings);
  given.push(...Object.keys(settings));
  return (await loadCommand(name))(rest);
}

/** `grep -h` hides file names, so `grepd search -h` isn't the help, and `-e --help` is a term. */
function asksForHelp(name: CommandName, args: string[]): boolean {
  const options = name === 'search' ? joinTerms(args) : args;
  const end = options.indexOf('--');
  const given = end === -1 ? options : options.slice(0, end);
  return given.includes('--help') || (name !== 'search' && given.includes('-h'));
}

/** @param given the settings that options have set: a message about one names its option */
function describeError(error: unknown, name: string | undefined, given: string[]): unknown {
  const { code, message, syscall, path } = error as NodeJS.ErrnoException;
  if (code?.startsWith('ERR_PARSE_ARGS')) return `${message}\nSee grepd help ${name}.`;
  // A file or an output that can't be read or written is not a bug.
  if (syscall !== undefined && (path !== undefined || syscall === 'write')) return message;
  if (!(error instanceof OperatorError)) return error;
  const text = given.reduce(
    (text, setting) => text.replaceAll(`"${setting}" must`, `"--${optionOf(setting)}" must`),
    withCommandNames(message),
  );
  return text.replace(/^ *"DICTIONARIES_DIR" is required:.*$/m, `$&, such as in: grepd ${name} ${folderOf(name)}`);
}

/** Names what is missing: only an installed package has no default folder of dictionaries. */
function folderOf(name = ''): string {
  const takesFolder = isCommand(name) && (commands[name] as Command).takesFolder;
  return takesFolder ? 'FOLDER' : '--dictionaries-dir FOLDER';
}
