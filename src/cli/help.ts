// Renders the help from the table of commands.
import { OperatorError } from '../errors.js';
import { renderDefinitions, wrap } from './columns.js';
import { optionsOf, plainText } from './command-options.js';
import { type Command, type CommandName, commandEntries, commands, isCommand } from './command-table.js';

export async function help([name, ...rest]: string[]): Promise<string> {
  if (name === undefined) return renderHelp();
  if (rest.length === 0 && isCommand(name)) return renderCommandHelp(name);
  throw unknownCommand([name, ...rest].join(' '));
}

export function unknownCommand(name: string): OperatorError {
  return new OperatorError(
    `There is no command ${JSON.stringify(name)}. Commands: ${Object.keys(commands).join(', ')}.`,
  );
}

export function renderHelp(): string {
  const rows = commandEntries.map(([name, { summary }]) => [name, plainText(summary)] as const);
  return [
    'Usage: grepd COMMAND [ARGUMENT…]',
    'grep over HTTP: serves folders of texts, and searches them.',
    `Commands:\n${renderDefinitions(rows)}`,
    'grepd COMMAND --help explains a command, and grepd --version prints the version.',
  ].join('\n\n');
}

export function renderCommandHelp(name: CommandName): string {
  const command: Command = commands[name];
  const usage = command.usage.map((args) => `grepd ${name} ${args}`.trimEnd());
  const groups = optionsOf(name).map(({ title, options }) => {
    const rows = options.map(({ synopsis, description }) => [synopsis, description] as const);
    return `${title}:\n${renderDefinitions(rows)}`;
  });
  return [`Usage: ${usage.join('\n       ')}`, wrap(plainText(command.summary), 0), ...groups].join('\n\n');
}
