// The commands of grepd. The help, the completion scripts, the man page and docs/ come from here.
import { KEY_ACTIONS, type LIMIT_NAMES } from '../auth/key-limits.js';
import { RATE_SYNTAX } from '../runtime/rate-limit/parse-rate.js';
import type { CommandOption } from './command-option.js';
import { searchOptions } from './search/search-options.js';
import { type SettingName, settingNames } from './setting-options.js';

export interface Command {
  summary: string;
  /** The arguments of each way to call it, as in `[FOLDER]`. */
  usage: readonly string[];
  options: Record<string, CommandOption>;
  /** The settings that it has as options. */
  settings: readonly SettingName[];
  /** Whether the first argument may name the folder of dictionaries. */
  takesFolder?: boolean;
  /** The npm script in a checkout; `undefined` if there is none. */
  script: string | undefined;
}

const keyOptions: Record<(typeof LIMIT_NAMES)[number], CommandOption> = {
  dictionary: { value: 'GLOB', description: 'a dictionary that the key may see; repeat it for several' },
  action: {
    value: 'ACTION',
    description: `an action that the key allows: ${KEY_ACTIONS.join(', ')}; repeat it for several`,
  },
  rate: { value: 'RATE', description: `replaces \`RATE_LIMIT\` for this key: ${RATE_SYNTAX}` },
  expires: { value: 'DATE', description: 'the last day on which the key is valid, in UTC: `2027-01-31`' },
};

const DICTIONARIES = ['[DICTIONARY…]', '--list'] as const;

export const commands = {
  serve: {
    summary: 'Runs one worker in the foreground, without PM2. Ctrl-C stops it.',
    usage: ['[FOLDER]'],
    options: {},
    settings: settingNames,
    takesFolder: true,
    script: 'npm run serve',
  },
  start: {
    summary: 'Starts the workers under PM2, and returns once they are ready.',
    usage: ['[FOLDER]'],
    options: {},
    settings: settingNames,
    takesFolder: true,
    script: 'npm start',
  },
  reload: {
    summary:
      'Tests the current code and settings on a spare port, then replaces the workers without losing a request. On failure it changes nothing.',
    usage: ['[FOLDER]'],
    options: {},
    settings: settingNames,
    takesFolder: true,
    script: 'npm run reload',
  },
  stop: {
    summary: 'Stops the workers, which finish outstanding requests first.',
    usage: [''],
    options: {},
    settings: [],
    script: 'npm stop',
  },
  status: {
    summary:
      'Shows whether the service is running and ready, and lists its workers. If it is not, the exit status is 1.',
    usage: [''],
    options: {},
    settings: [],
    script: 'npm run status',
  },
  logs: {
    summary: 'Follows the log of the workers.',
    usage: ['[OPTION…]'],
    options: {
      lines: { value: 'N', description: 'how many earlier lines to print (default: 15)' },
      nostream: { description: 'exits after the earlier lines' },
    },
    settings: [],
    script: 'npm run logs',
  },
  search: {
    summary: 'Searches the texts of a running service, and prints matches as grep does.',
    usage: ['[OPTION…] TERM', '[OPTION…] -e TERM'],
    options: searchOptions,
    settings: [],
    script: undefined,
  },
  index: {
    summary: 'Builds the indexes of these dictionaries now, by default of all large ones that need one.',
    usage: [...DICTIONARIES, '--drop [DICTIONARY…]'],
    options: {
      list: { description: 'lists the indexes' },
      drop: { description: 'removes the indexes of these dictionaries, by default all' },
    },
    settings: settingNames,
    script: 'npm run index',
  },
  load: {
    summary: 'Loads dictionaries into the ClickHouse cluster of `CLICKHOUSE_URL`.',
    usage: [...DICTIONARIES, '--drop DICTIONARY…'],
    options: {
      list: { description: 'lists the dictionaries in the cluster' },
      drop: { description: 'removes these dictionaries from the cluster' },
    },
    settings: settingNames,
    script: 'npm run load',
  },
  key: {
    summary: 'Creates an API key, prints it, and adds its hash to the file that `API_KEYS` names, if any.',
    usage: ['NAME [OPTION…]'],
    options: keyOptions,
    settings: ['API_KEYS'],
    script: 'npm run key',
  },
  completion: {
    summary: 'Prints a script that completes the commands and options of grepd in a shell.',
    usage: ['bash', 'zsh'],
    options: {},
    settings: [],
    script: undefined,
  },
  help: {
    summary: 'Explains a command.',
    usage: ['[COMMAND]'],
    options: {},
    settings: [],
    script: undefined,
  },
} satisfies Record<string, Command>;

export type CommandName = keyof typeof commands;

export const commandEntries = Object.entries<Command>(commands) as [CommandName, Command][];

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}
