// The search engine that runs the grep program over the files of a folder.
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../errors.js';
import type { Bounds } from '../../program/run-program.js';
import {
  type AllQuery,
  type Answer,
  type DictionaryList,
  type Entry,
  lengthOf,
  type SearchEngine,
  type SearchQuery,
} from '../engine.js';
import { createSelection, type Selection } from '../selection.js';
import { ContextEntries } from './context-entries.js';
import { Dictionaries, isDenied } from './dictionaries.js';
import { findGrep } from './find-grep.js';
import { GROUP_END, GrepLines, type LineItem, MatchMarks } from './grep-lines.js';
import { LineEntries } from './line-entries.js';
import type { LineEnd } from './lines.js';
import { called, changed, OpenDictionary, type Portion, TraitsMemory } from './open-dictionary.js';
import { MatchingLines, NO_MATCHES, readQuotes } from './quotes.js';
import { EVERY_LINE, type Grep, GrepFailed, type Pattern, patternOf, runGrep } from './run-grep.js';
import { withoutCr } from './text-file.js';

export interface GrepOptions {
  dictionariesDir: string;
  defaultDictionary: string | undefined;
  /** The longest line or quote that is given, in UTF-16 code units. */
  lineLength: number;
  /** The most memory of one grep that could grow. */
  searchMemoryBytes: number;
  /** The most that a packed file may unpack to. */
  mostUnpackedBytes: number;
}

/** Throws when the folder can't be read or there is no GNU grep. */
export async function openGrep(options: GrepOptions): Promise<GrepEngine> {
  const dictionaries = await Dictionaries.open(options.dictionariesDir, options.defaultDictionary);
  return new GrepEngine(dictionaries, await findGrep(), options);
}

/** What is asked for, and of what. */
interface Question {
  query: AllQuery & Pick<SearchQuery, 'n_before' | 'n_after'>;
  pattern: Pattern;
  dictionary: OpenDictionary;
  selection: Selection;
  signal: AbortSignal;
}

/** What was found out when all entries have been given. */
interface Outcome {
  readonly nrOfEntries: number;
  readonly wasCut: boolean;
}

type Entries = AsyncGenerator<Entry[], Outcome, void>;

export class GrepEngine implements SearchEngine {
  readonly #dictionaries: Dictionaries;
  readonly #grep: Grep;
  readonly #options: GrepOptions;
  readonly #traits = new TraitsMemory();

  constructor(dictionaries: Dictionaries, grep: Grep, options: GrepOptions) {
    this.#dictionaries = dictionaries;
    this.#grep = grep;
    this.#options = options;
  }

  search(query: SearchQuery, signal: AbortSignal): Answer {
    return this.#answer(query, patternOf(query), signal);
  }

  all(query: AllQuery, signal: AbortSignal): Answer {
    return this.#answer({ ...query, n_before: 0, n_after: 0 }, EVERY_LINE, signal);
  }

  dictionaries(): Promise<DictionaryList> {
    return this.#dictionaries.list();
  }

  async *#answer(query: Question['query'], pattern: Pattern, signal: AbortSignal): Answer {
    const dictionary = await OpenDictionary.open({
      dictionaries: this.#dictionaries,
      name: query.dictionary,
      mostUnpackedBytes: this.#options.mostUnpackedBytes,
      traits: this.#traits,
    });
    const question = { query, pattern, dictionary, selection: createSelection(query), signal };
    try {
      const { nrOfEntries, wasCut } = yield* this.#entries(question);
      const rest = question.selection.rest();
      if (rest.length > 0) yield rest;
      if (await dictionary.wasChanged()) return { nrOfEntries, truncated: 'dictionary_changed' };
      return { nrOfEntries, ...(wasCut && { truncated: 'line_length' }) };
    } catch (error) {
      throw error instanceof GrepFailed ? await this.#explain(error, question) : error;
    } finally {
      await dictionary.close();
    }
  }

  #entries(question: Question): Entries {
    const { unit, format, n_before, n_after } = question.query;
    if (unit === 'quote') return this.#quotes(question);
    return format === 'text' && n_before + n_after === 0 ? this.#plainLines(question) : this.#lines(question);
  }

  /** Lines without context or place: the way of the least work. */
  async *#plainLines(question: Question): Entries {
    const lines = new LineEntries({
      selection: question.selection,
      longest: this.#options.lineLength,
      lineEnd: lineEndOf(question.pattern),
    });
    for await (const portion of this.#portions(question)) {
      for await (const output of this.#run(question, portion, [])) {
        const entries = lines.read(output);
        if (entries.length > 0) yield entries;
      }
    }
    return lines;
  }

  async *#lines(question: Question): Entries {
    const { n_before, n_after } = question.query;
    const entries = this.#contextEntries(question);
    const batch = new Batch();
    for await (const portion of this.#portions(question)) {
      for await (const items of this.#grepLines(question, portion, ['-B', String(n_before), '-A', String(n_after)])) {
        for (const item of items) {
          batch.add(item === GROUP_END ? entries.end() : entries.take(item));
          if (batch.isFull) yield batch.empty();
        }
        if (!batch.isEmpty) yield batch.empty();
      }
      batch.add(entries.end());
    }
    if (!batch.isEmpty) yield batch.empty();
    return entries;
  }

  async *#quotes(question: Question): Entries {
    const { dictionary, pattern, signal } = question;
    const { n_before, n_after } = question.query;
    const entries = this.#contextEntries(question);
    const isEveryOneWanted = pattern === EVERY_LINE;
    const batch = new Batch();
    for await (const portion of this.#portions(question)) {
      const matching = isEveryOneWanted ? NO_MATCHES : new MatchingLines(this.#grepLines(question, portion, []));
      try {
        await matching.pass();
        for (const file of portion.files) {
          matching.file = file.path;
          if (!isEveryOneWanted && matching.current === undefined) continue;
          const text = portion.text ?? (await dictionary.openText(file));
          try {
            const isFortune = await dictionary.has('fortune', text, signal);
            const options = {
              file: file.path,
              isFortune,
              longest: this.#options.lineLength,
              onlyMatches: !isEveryOneWanted && n_before + n_after === 0,
            };
            for await (const quote of readQuotes(text.read(signal), matching, options)) {
              batch.add(entries.take(isEveryOneWanted ? { ...quote, isMatch: true } : quote));
              if (batch.isFull) yield batch.empty();
              if (!isEveryOneWanted && matching.current === undefined && !entries.isOpen) break;
            }
          } finally {
            if (text !== portion.text) await text.close();
          }
          batch.add(entries.end());
          // grep has seen more lines than there are now.
          if (matching.current !== undefined) throw changed(question.query.dictionary);
        }
      } finally {
        await matching.close();
      }
    }
    if (!batch.isEmpty) yield batch.empty();
    return entries;
  }

  #portions({ pattern, dictionary, signal }: Question): AsyncGenerator<Portion, void, void> {
    return dictionary.portions(pattern.isRegex, signal);
  }

  #contextEntries({ query: { n_before, n_after, format }, selection }: Question): ContextEntries {
    return new ContextEntries({ selection, n_before, n_after, format, longest: this.#options.lineLength });
  }

  /** What grep prints about the lines of a portion that match, and those near them. */
  async *#grepLines(
    question: Question,
    portion: Portion,
    context: readonly string[],
  ): AsyncGenerator<Iterable<LineItem>, void, void> {
    const { format, unit } = question.query;
    const marks = format === 'object' && question.pattern !== EVERY_LINE ? new MatchMarks() : undefined;
    const located = format === 'object' || unit === 'quote';
    const lines = new GrepLines({
      located,
      file: portion.text?.path,
      longest: this.#options.lineLength,
      lineEnd: lineEndOf(question.pattern),
      marks,
    });
    const place = located ? ['-n', ...(portion.text === undefined ? ['-H', '-Z'] : [])] : ['-b'];
    const color = marks === undefined ? [] : ['--color=always'];
    for await (const output of this.#run(question, portion, [...color, ...place, ...context], marks?.colors)) {
      yield lines.read(output);
    }
  }

  async *#run(
    { pattern, dictionary, signal }: Question,
    { files, text }: Portion,
    output: readonly string[],
    colors?: string,
  ): AsyncGenerator<Buffer, void, void> {
    let input: number | AsyncIterable<Buffer> | undefined = text?.fd;
    if (text?.isPacked) input = text.read(signal);
    if (text !== undefined && pattern.isRegex && (text.isPacked || (await dictionary.has('crlf', text, signal)))) {
      input = withoutCr(text.read(signal));
    }
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const bounds = pattern.isRegex || text?.isPacked || bytes > QUICK_BYTES ? this.#bounds : undefined;
    const cwd = this.#dictionaries.root;
    yield* runGrep(
      this.#grep,
      { pattern, output, files: text === undefined ? files : [], input, cwd, colors, bounds },
      signal,
    );
  }

  get #bounds(): Bounds {
    return { memoryBytes: this.#options.searchMemoryBytes };
  }

  /** What a failure of grep means to the caller; itself where that is nothing but a bug. */
  async #explain(failure: GrepFailed, question: Question): Promise<Error> {
    const { pattern, signal } = question;
    const memory = `more memory than the ${this.#options.searchMemoryBytes / 2 ** 20} MiB that it may have`;
    if (pattern.isRegex) {
      const refusal = await this.#refusal(pattern, signal);
      const reason = refusal?.lacksMemory ? `grep needs ${memory} for it` : `grep says: ${refusal?.reason}`;
      if (refusal !== undefined) {
        const message = `"term" must be a regular expression that grep takes; ${reason}.`;
        return new AppError('invalid_request', message, { cause: failure });
      }
    }
    if (failure.lacksMemory) {
      return new AppError('search_memory', `The search needed ${memory}.`, { cause: failure });
    }
    return (await this.#explainByFiles(failure, question)) ?? failure;
  }

  /** How grep fails with the pattern alone, without any text. */
  async #refusal(pattern: Pattern, signal: AbortSignal): Promise<GrepFailed | undefined> {
    const run = { pattern, output: [], files: [], cwd: this.#dictionaries.root, bounds: this.#bounds };
    try {
      await runGrep(this.#grep, run, signal).next();
      return undefined;
    } catch (error) {
      if (error instanceof GrepFailed) return error;
      throw error;
    }
  }

  /** Does the failure have to do with the files, which change while we look? */
  async #explainByFiles(cause: GrepFailed, { query, dictionary }: Question): Promise<AppError | undefined> {
    const name = query.dictionary;
    await this.#dictionaries.files(name);
    for (const { path } of dictionary.files) {
      try {
        await access(join(this.#dictionaries.root, path), constants.R_OK);
      } catch (error) {
        if (!isDenied(error)) return changed(name, cause);
        return new AppError('unreadable_dictionary', `${called(name)} may not be read.`, { cause });
      }
    }
    return undefined;
  }
}

/**
 * How the lines end that grep prints. Only a regular expression can tell a line that ends in \r: it gets texts without the \r of
 * \r\n, and what still ends in \r then is a line that does. Others get the texts as they are.
 */
function lineEndOf({ isRegex }: Pattern): LineEnd {
  return isRegex ? 'lf' : 'lf or crlf';
}

/** grep reads at least 100 MB a second: less text than this takes it a fraction of a second, and then it ends by itself. */
const QUICK_BYTES = 16 * 1024 * 1024;

/** How much text is given at once: little enough that whoever handles it soon lets others have their turn. */
const BATCH_LENGTH = 64 * 1024;

class Batch {
  #entries: Entry[] = [];
  #length = 0;

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  get isFull(): boolean {
    return this.#length >= BATCH_LENGTH;
  }

  add(entries: Entry[]): void {
    for (const entry of entries) {
      this.#entries.push(entry);
      this.#length += lengthOf(entry);
    }
  }

  empty(): Entry[] {
    const entries = this.#entries;
    this.#entries = [];
    this.#length = 0;
    return entries;
  }
}
