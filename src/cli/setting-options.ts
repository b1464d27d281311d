// The settings of the service as options of the command line: `--port 8080` is `PORT=8080`.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Field } from '../config/field-table.js';
import { settings } from '../config/settings.js';
import { OperatorError } from '../errors.js';

export type SettingName = keyof typeof settings;

const all = Object.entries<Field>(settings) as [SettingName, Field][];

/** The settings that are options. Secrets aren't: other users of the machine can read arguments. */
export const settingNames = all.filter(([, { isSecret }]) => isSecret !== true).map(([name]) => name);

const secretOptions = new Map(all.filter(([, { isSecret }]) => isSecret).map(([name]) => [optionOf(name), name]));

/** `SEARCH_TIMEOUT_MS` is `search-timeout-ms`. */
export function optionOf(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

export function isFlag({ schema }: Field): boolean {
  return schema.type === 'boolean';
}

export interface SettingArguments {
  /** The settings that the options give, as environment variables. */
  env: Partial<Record<SettingName, string>>;
  /** The other arguments, in their order. */
  rest: string[];
}

/**
 * Takes the options of these settings out of the arguments. Makes paths absolute. Throws an
 * `OperatorError` if an option lacks its value.
 * @param folder the folder to which relative paths are relative
 */
export function takeSettings(args: string[], names: readonly SettingName[], folder: string): SettingArguments {
  const byOption = new Map(names.map((name) => [optionOf(name), name]));
  const options = Object.fromEntries(
    names.map((name) => [optionOf(name), { type: isFlag(settings[name]) ? 'boolean' : 'string' } as const]),
  );
  const { tokens } = parseArgs({ args, options, strict: false, tokens: true });
  const env: SettingArguments['env'] = {};
  const taken = new Set<number>();
  for (const token of tokens) {
    if (token.kind !== 'option' || !token.rawName.startsWith('--')) continue;
    const secret = secretOptions.get(token.name);
    if (secret !== undefined) {
      throw new OperatorError(
        `Other users can read the arguments of a command: set ${secret} instead of "${token.rawName}".`,
      );
    }
    const isNegated = !byOption.has(token.name) && token.name.startsWith('no-');
    const name = byOption.get(isNegated ? token.name.slice('no-'.length) : token.name);
    if (name === undefined || (isNegated && !isFlag(settings[name]))) continue;
    taken.add(token.index);
    if (isFlag(settings[name])) {
      // A value such as in `--index=no` is left to the check of the setting.
      env[name] = isNegated ? 'false' : (token.value ?? 'true');
      continue;
    }
    const isMissing = !token.value || (!token.inlineValue && token.value.startsWith('--'));
    if (isMissing || token.value === undefined) throw missingValue(token.rawName, settings[name]);
    if (token.inlineValue === false) taken.add(token.index + 1);
    const isPath = (settings[name] as Field).isPath === true;
    env[name] = isPath ? resolve(folder, token.value) : token.value;
  }
  return { env, rest: args.filter((_, index) => !taken.has(index)) };
}

function missingValue(option: string, { expected }: Field): OperatorError {
  return new OperatorError(`"${option}" needs a value: ${expected}`);
}
