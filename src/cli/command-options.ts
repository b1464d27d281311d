// All options of a command, in groups: its own, and the settings that it has as options.
import { withCommandNames } from '../commands/command-names.js';
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
  /** The letter of its short form. */
  short?: string | undefined;
  /** Whether it is followed by a value. */
  hasValue: boolean;
  /** Whether the value is a path. */
  isPath: boolean;
  /** `-A, --n-after N` */
  synopsis: string;
  /** Plain text. */
  description: string;
}

const helpOption = {
  name: 'help',
  hasValue: false,
  isPath: false,
  synopsis: '--help',
  description: 'prints this help',
};

/** Where the defaults of an installed package differ from those of a checkout. */
const PACKAGE_DEFAULTS: Record<string, string> = {
  DICTIONARIES_DIR: 'none, it is required',
  INDEX_DIR: '~/.cache/grepd/index',
};

export function optionsOf(name: CommandName): OptionGroup[] {
  const command: Command = commands[name];
  const own = Object.entries(command.options).map(([option, definition]): Option => {
    const { value, short, description } = definition;
    const text = value === undefined ? `--${option}` : `--${option} ${value}`;
    return {
      name: option,
      short,
      hasValue: value !== undefined,
      isPath: value === 'FILE',
      synopsis: short === undefined ? text : `-${short}, ${text}`,
      description: plainText(description),
    };
  });
  const groups = [{ title: 'Options', options: [...own, helpOption] }];
  if (command.settings.length === 0) return groups;
  return [...groups, { title: 'Settings, also as environment variables', options: command.settings.map(toOption) }];
}

/** Removes the Markdown from a text, and names commands as an installed package has them. */
export function plainText(text: string): string {
  return withCommandNames(text, true).replaceAll('`', '');
}

function toOption(name: keyof typeof settings): Option {
  const field: Field = settings[name];
  const { expected, isPath = false } = field;
  // The last sentence about a path is about checkouts.
  const text = isPath ? field.description.replace(/; a relative path .*/, '') : field.description;
  const byDefault = PACKAGE_DEFAULTS[name] ?? defaultOf(field);
  const description = plainText(`${text}: ${expected} (${name}; default: ${byDefault})`);
  const option = optionOf(name);
  return isFlag(field)
    ? { name: option, hasValue: false, isPath, synopsis: `--[no-]${option}`, description }
    : { name: option, hasValue: true, isPath, synopsis: `--${option} VALUE`, description };
}
