// Which dictionaries get an index, and who learns about it.

export interface IndexOptions {
  /** The folder for indexes. Created when it is needed. */
  dir: string;
  /** Larger dictionaries get an index. */
  minBytes: number;
  /** The maximum size of all indexes together. */
  maxBytes: number;
  /** The largest share of a text, or of the files of a folder, that is read in parts. */
  maxShare?: number | undefined;
  log: IndexLog;
}

/** Receives what happens to indexes in this process. Must not throw. */
export interface IndexLog {
  onBuildStart(event: { dictionary: string }): void;
  onBuildEnd(event: { dictionary: string; seconds: number; textBytes: number; indexBytes: number }): void;
  onBuildFailed(event: { dictionary: string; error: unknown }): void;
  /** An index is damaged or of an unknown format, so it isn't used. */
  onRejected(event: { dictionary: string; reason: string }): void;
}
