// The completion script for zsh.
import { type Option, optionsOf } from '../command-options.js';
import { type Command, type CommandName, commandEntries } from '../command-table.js';

export function renderZsh(): string {
  const rows = commandEntries.map(([name, { summary }]) => `    ${quote(`${name}:${plain(summary)}`)}`);
  return `#compdef grepd
# zsh completion for grepd: grepd completion zsh > "\${fpath[1]}/_grepd"
_grepd_dictionaries() {
  local -a names
  names=(\${(f)"$(grepd completion dictionaries 2> /dev/null)"})
  compadd -a names
}

_grepd_commands() {
  local -a commands
  commands=(
${rows.join('\n')}
  )
  _describe command commands
}

_grepd() {
  local curcontext=$curcontext state
  _arguments -C '--help[prints the help]' '--version[prints the version]' '1: :_grepd_commands' '*:: :->arguments'
  [[ $state == arguments ]] || return
  case $words[1] in
${commandEntries.map(renderCase).join('\n')}
  esac
}

# The file is either loaded as a function, or evaluated.
if [[ $funcstack[1] == _grepd ]]; then _grepd "$@"; else compdef _grepd grepd; fi`;
}

function renderCase([name, { takesFolder }]: [CommandName, Command]): string {
  const specs = optionsOf(name).flatMap(({ options }) => options.map(renderOption));
  return `    ${name})
      _arguments -s -S ${[...specs, quote(ARGUMENTS[name] ?? (takesFolder ? FOLDER : '*: :'))].join(' \\\n        ')}
      ;;`;
}

const FOLDER = '1:folder:_files -/';
const ARGUMENTS: Partial<Record<CommandName, string>> = {
  search: '1:term:',
  help: '1: :_grepd_commands',
  completion: '1:shell:(bash zsh)',
};

/** `'(-i --ignore-case)'{-i,--ignore-case}'[…]'` */
function renderOption({ name, short, hasValue, isPath, description }: Option): string {
  const action = name === 'dictionary' ? '_grepd_dictionaries' : isPath ? '_files' : ' ';
  const value = hasValue ? `:${name}:${action}` : '';
  const spec = quote(`[${plain(description)}]${value}`);
  const long = hasValue ? `--${name}=` : `--${name}`;
  return short === undefined ? quote(`*${long}`) + spec : `'*'{-${short},${long}}${spec}`;
}

/** The first sentence, without the characters that are special in a specification. */
function plain(text: string): string {
  return (text.split(/[:;(]/)[0] ?? '').replace(/[`[\]\\]/g, '').trim();
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
