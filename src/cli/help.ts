// Explains the commands, from their table.
import { withCommandNames } from '../commands/command-names.js';
import { OperatorError } from '../errors.js';
import { type Command, type CommandName, commandEntries, commands, isCommand } from './command-table.js';
import { optionsOf } from './command-options.js';
import { renderDefinitions, wrap } from './columns.js';

export async function help([name, ...rest]: string[]): Promise<string> {
  if (name === undefined) return renderHelp();
  if (rest.length === 0 && isCommand(name)) return renderCommandHelp(name);
  const shown = JSON.stringify([name, ...rest].join(' '));
  throw new OperatorError(`There is no command ${shown}. Commands: ${Object.keys(commands).join(', ')}.`);
}

export function renderHelp(): string {
  const rows = commandEntries.map(([name, { summary }]) => [name, summary] as const);
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
  const text = [`Usage: ${usage.join('\n       ')}`, wrap(command.summary, 0), ...groups];
  if (command.notes !== undefined) text.push(wrap(command.notes, 0));
  return withCommandNames(text.join('\n\n'), true).replaceAll('`', '');
}
