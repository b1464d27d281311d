// All options of a command, in groups: its own, and the settings that it has as options.
import { defaultOf, type Field } from '../config/field-table.js';
import { settings } from '../config/settings.js';
import { type Command, type CommandName, commands } from './command-table.js';
import { isFlag, optionOf } from './setting-options.js';

export interface OptionGroup {
  title: string;
  options: Option[];
}

export interface Option {
  /** Without dashes. */
  name: string;
  short?: string | undefined;
  /** Whether it is followed by a value. */
  hasValue: boolean;
  /** `-A, --n-after=N` */
  synopsis: string;
  description: string;
}

const helpOption = { name: 'help', hasValue: false, synopsis: '--help', description: 'prints this help' };

export function optionsOf(name: CommandName): OptionGroup[] {
  const command: Command = commands[name];
  const own = Object.entries(command.options).map(([option, definition]): Option => {
    const { value, short, description } = definition;
    const text = value === undefined ? `--${option}` : `--${option} ${value}`;
    const synopsis = short === undefined ? text : `-${short}, ${text}`;
    return { name: option, short, hasValue: value !== undefined, synopsis, description };
  });
  const groups = [{ title: 'Options', options: [...own, helpOption] }];
  if (command.settings.length === 0) return groups;
  return [...groups, { title: 'Settings, also as environment variables', options: command.settings.map(toOption) }];
}

function toOption(name: keyof typeof settings): Option {
  const field: Field = settings[name];
  const option = optionOf(name);
  const description = `${field.description}: ${field.expected} (${name}; default: ${defaultOf(field)})`;
  if (isFlag(field)) return { name: option, hasValue: false, synopsis: `--[no-]${option}`, description };
  return { name: option, hasValue: true, synopsis: `--${option} VALUE`, description };
}
