// Loads only the code of one command, so that it starts in a fraction of a second.
import { OperatorError } from '../errors.js';
import type { CommandName } from './command-table.js';

/** Returns the text to print, if any, or the exit status. */
export type Run = (args: string[]) => Promise<string | number | undefined>;

const loaders: Record<CommandName, () => Promise<Run>> = {
  serve: async () => withoutArguments((await import('./serve.js')).serve),
  start: async () => withoutArguments((await import('../commands/start.js')).start),
  reload: async () => withoutArguments((await import('../commands/reload.js')).reload),
  stop: async () => withoutArguments((await import('../commands/stop.js')).stop),
  status: async () => withoutArguments((await import('../commands/status.js')).status),
  logs: async () => (await import('../commands/logs.js')).logs,
  search: async () => (await import('./search/search.js')).search,
  index: async () => (await import('../commands/index-dictionaries.js')).indexDictionaries,
  load: async () => (await import('../commands/load.js')).loadDictionaries,
  key: async () => (await import('../commands/key.js')).createKey,
  completion: async () => (await import('./completion/completion.js')).completion,
  help: async () => (await import('./help.js')).help,
};

export function loadCommand(name: CommandName): Promise<Run> {
  return loaders[name]();
}

function withoutArguments(run: () => Promise<string | undefined>): Run {
  return async ([argument]) => {
    if (argument === undefined) return run();
    throw new OperatorError(`Unexpected argument ${JSON.stringify(argument)}.`);
  };
}
