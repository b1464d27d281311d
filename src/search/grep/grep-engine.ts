// The search engine that runs the grep program over the files of a folder.
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError, OperatorError } from '../../errors.js';
import { findProgram } from '../../program/find-program.js';
import type { AllQuery, Answer, DictionaryList, SearchEngine, SearchQuery } from '../engine.js';
import { Dictionaries, type DictionaryFile } from './dictionaries.js';
import { ContextEntries, type EntryReader, LineEntries } from './entries.js';
import { GrepFailed, runGrep } from './run-grep.js';

export interface GrepOptions {
  dictionariesDir: string;
  defaultDictionary: string | undefined;
}

/** Throws when the folder can't be read or there is no GNU grep. */
export async function openGrep(options: GrepOptions): Promise<GrepEngine> {
  const dictionaries = await Dictionaries.open(options.dictionariesDir, options.defaultDictionary);
  return new GrepEngine(dictionaries, await findGnuGrep());
}

export class GrepEngine implements SearchEngine {
  readonly #dictionaries: Dictionaries;
  readonly #program: string;

  constructor(dictionaries: Dictionaries, program: string) {
    this.#dictionaries = dictionaries;
    this.#program = program;
  }

  search({ dictionary, term, nresults, n_before, n_after }: SearchQuery, signal: AbortSignal): Answer {
    const most = mostEntries(nresults);
    if (n_before === 0 && n_after === 0) return this.#grep(dictionary, term, [], new LineEntries(most), signal);
    const options = ['-b', '-B', String(n_before), '-A', String(n_after)];
    return this.#grep(dictionary, term, options, new ContextEntries(most, n_before, n_after), signal);
  }

  all({ dictionary, nresults }: AllQuery, signal: AbortSignal): Answer {
    // Every line holds the empty string.
    return this.#grep(dictionary, '', [], new LineEntries(mostEntries(nresults)), signal);
  }

  dictionaries(): Promise<DictionaryList> {
    return this.#dictionaries.list();
  }

  async *#grep(
    dictionary: string | undefined,
    term: string,
    options: string[],
    reader: EntryReader,
    signal: AbortSignal,
  ): Answer {
    const found = await this.#dictionaries.files(dictionary);
    for (const files of inCommandLines(found)) {
      const run = { program: this.#program, options, term, files, cwd: this.#dictionaries.root };
      try {
        for await (const output of runGrep(run, signal)) {
          const entries = reader.read(output);
          if (entries.length > 0) yield entries;
        }
      } catch (error) {
        if (error instanceof GrepFailed) await this.#explain(dictionary, found, error);
        throw error;
      }
      const entries = reader.end();
      if (entries.length > 0) yield entries;
    }
    return { nrOfEntries: reader.nrOfEntries };
  }

  /** grep failed: does it have to do with the files, which change while we look? Returns where it does not. */
  async #explain(dictionary: string | undefined, files: DictionaryFile[], cause: GrepFailed): Promise<void> {
    await this.#dictionaries.files(dictionary);
    for (const { path } of files) {
      await access(join(this.#dictionaries.root, path), constants.R_OK).catch(({ code }: NodeJS.ErrnoException) => {
        const name =
          dictionary === undefined ? 'The default dictionary' : `The dictionary ${JSON.stringify(dictionary)}`;
        if (code === 'EACCES') throw new AppError('unreadable_dictionary', `${name} may not be read.`, { cause });
        throw new AppError('dictionary_changed', `${name} was changed while it was searched.`, { cause });
      });
    }
  }
}

function mostEntries(nresults: number): number {
  return nresults > 0 ? nresults : Number.POSITIVE_INFINITY;
}

// Linux takes 128 KiB of arguments and environment at the very least (execve(2)).
const COMMAND_LINE_BYTES = 96 * 1024;

/** As few groups of files as fit into a command line each, in the same order. */
export function* inCommandLines(files: DictionaryFile[]): Generator<DictionaryFile[]> {
  let group: DictionaryFile[] = [];
  let bytes = 0;
  for (const file of files) {
    // `./`, the NUL at its end and the pointer to it.
    const needs = Buffer.byteLength(file.path) + 2 + 1 + 8;
    if (group.length > 0 && bytes + needs > COMMAND_LINE_BYTES) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(file);
    bytes += needs;
  }
  if (group.length > 0) yield group;
}

async function findGnuGrep(): Promise<string> {
  const program = await findProgram('grep');
  if (program === undefined)
    throw new OperatorError(`There is no grep in PATH (${process.env.PATH}); grepd needs GNU grep.`);
  const { stdout } = await promisify(execFile)(program, ['--version']);
  if (!stdout.includes('GNU grep'))
    throw new OperatorError(`${program} is not GNU grep, which grepd needs; it says: ${stdout.split('\n')[0]}`);
  return program;
}
