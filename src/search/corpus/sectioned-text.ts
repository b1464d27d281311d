// Texts, or parts of texts, of several files as one, so that one grep reads them.
import type { DictionaryFile } from './dictionary-file.js';
import type { Trait } from './text-traits.js';

/** A file, or a part of one, in the text. */
export interface TextSection {
  file: DictionaryFile;
  /** The number of its first line in the text, counted from 1. */
  firstLine: number;
  lines: number;
  /** The number of its first line in the file, counted from 1. */
  lineInFile: number;
}

/** The text of a section, for a reader that doesn't know that there are sections. */
export interface SectionText {
  path: string;
  version: string;
  changedMs: number;
  read(signal: AbortSignal): AsyncGenerator<Buffer, void, void>;
  has(trait: Trait, signal: AbortSignal): Promise<boolean>;
  hasChanged(): boolean;
  close(): void;
}

/** Stays the same while it is open. Every section ends with a newline. */
export interface SectionedText {
  readonly sections: readonly TextSection[];
  /** The size of the text. */
  readonly bytes: number;
  /** Whether a line of the files ends in `\r\n`. */
  readonly hasCrlf: boolean;
  readonly needsDecoding: false;
  /** For the standard input of one program, which moves the file offset. `undefined`: use `read`. */
  readonly fd: number | undefined;
  /** Yields the whole text. Throws the signal's reason. */
  read(signal: AbortSignal): AsyncGenerator<Buffer, void, void>;
  textOf(section: number): SectionText;
  close(): void;
}
