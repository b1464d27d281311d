// The completion script for bash.

import { type Option, optionsOf } from '../command-options.js';
import { type CommandName, commandEntries } from '../command-table.js';

export function renderBash(): string {
  const names = commandEntries.map(([name]) => name).join(' ');
  return `# bash completion for grepd: source <(grepd completion bash)
_grepd() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} options= values=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W '${names} --help --version' -- "$word")
    return
  fi
  case \${COMP_WORDS[1]} in
${commandEntries.map(([name]) => renderCase(name)).join('\n')}
  esac
  # A short option, which the patterns above don't contain, may also take a value.
  case " $values " in
    *" $previous "*)
      if [ "$previous" = --dictionary ]; then
        mapfile -t COMPREPLY < <(compgen -W "$(grepd completion dictionaries 2> /dev/null)" -- "$word")
      fi
      return
      ;;
  esac
  if [ "\${COMP_WORDS[1]}" = help ]; then
    mapfile -t COMPREPLY < <(compgen -W '${names}' -- "$word")
  elif [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  elif [ "\${COMP_WORDS[1]}" = completion ]; then
    mapfile -t COMPREPLY < <(compgen -W 'bash zsh' -- "$word")
  fi
}
complete -o default -F _grepd grepd`;
}

function renderCase(name: CommandName): string {
  const options = optionsOf(name).flatMap((group) => group.options);
  return `    ${name})
      options='${options.flatMap(namesOf).join(' ')}'
      values='${options
        .filter(({ hasValue }) => hasValue)
        .flatMap(namesOf)
        .join(' ')}'
      ;;`;
}

export function namesOf({ name, short }: Option): string[] {
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
}
