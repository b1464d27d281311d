// The man page grepd(1), from the table of commands. See man(7) for the macros.
import { optionsOf, plainText } from './command-options.js';
import { type Command, type CommandName, commandEntries } from './command-table.js';

export function renderManPage(): string {
  return `${[
    '.\\" Generated from the table of commands by npm run readme.',
    '.TH GREPD 1 "" grepd "User Commands"',
    '.SH NAME',
    'grepd \\- grep over HTTP: serve folders of texts, and search them',
    '.SH SYNOPSIS',
    ...commandEntries.flatMap(([name, { usage }]) =>
      usage.flatMap((args) => ['.B grepd', `${name} ${roff(args)}`.trim(), '.br']),
    ),
    '.SH COMMANDS',
    ...commandEntries.flatMap(renderCommand),
    '.SH ENVIRONMENT',
    ...environment.flatMap(([name, description]) => definition(name, description)),
    '.SH EXIT STATUS',
    'As grep, \\fBgrepd search\\fR exits with 0 if something matches, 1 if nothing does, and 2 after an error.',
    'Other commands exit with 0, or with 1 after an error.',
  ].join('\n')}\n`;
}

const environment = [
  ['GREPD_URL', 'the URL of the service that grepd search uses'],
  ['GREPD_API_KEY', 'the API key that grepd search sends'],
  ['NO_COLOR', 'if it is set, grepd search uses no colors by default'],
  [
    'PM2_HOME',
    'the folder in which PM2 keeps its sockets, logs and list of workers (default: ~/.local/state/grepd/pm2)',
  ],
  ['XDG_STATE_HOME, XDG_CACHE_HOME', 'replace ~/.local/state and ~/.cache in the defaults'],
] as const;

function renderCommand([name, command]: [CommandName, Command]): string[] {
  const [own, settings] = optionsOf(name);
  const options = own?.options.flatMap(({ synopsis, description }) => definition(synopsis, description)) ?? [];
  // Most commands have all settings, which would repeat docs/reference/settings.md here.
  const reference =
    settings === undefined ? [] : ['.PP', `Settings are options, too: see \\fBgrepd ${name} \\-\\-help\\fR.`];
  return [`.SS ${name}`, roff(plainText(command.summary)), ...options, ...reference];
}

function definition(term: string, description: string): string[] {
  return ['.TP', `.B ${roff(term)}`, roff(description)];
}

/** A line that begins with a dot or an apostrophe would be a macro. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&')
    .replaceAll('…', '...');
}
