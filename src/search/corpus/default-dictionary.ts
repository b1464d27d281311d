// The dictionary that is searched if a request names none. Once chosen it stays, so that a file that is
// added can't take its place.

/** What there is to choose from. */
export interface Candidates {
  has(name: string): Promise<boolean>;
  /** Returns the first name in byte order, or `undefined` if there is no dictionary. */
  first(): Promise<string | undefined>;
}

/** Returns `undefined` as long as there is nothing to choose from. */
export type ChooseDefault = (candidates: Candidates) => Promise<string | undefined>;

export interface DefaultOptions {
  /** The configured name, if any. The dictionary may be missing. */
  defaultDictionary: string | undefined;
  /** Chooses one if none is configured; takes the first one by default. */
  chooseDefault?: ChooseDefault;
  /** Called once, with the name. */
  onDefault?: (name: string) => void;
}

export class DefaultDictionary {
  readonly #options: DefaultOptions;
  #name: string | undefined;

  constructor(options: DefaultOptions) {
    this.#options = options;
    if (options.defaultDictionary !== undefined) this.#fix(options.defaultDictionary);
  }

  /** Its name, if it is known yet. */
  get name(): string | undefined {
    return this.#name;
  }

  /** Chooses it now if it isn't known yet. */
  async resolve(candidates: Candidates): Promise<string | undefined> {
    if (this.#name !== undefined) return this.#name;
    const { chooseDefault = ({ first }) => first() } = this.#options;
    const chosen = await chooseDefault(candidates);
    // A concurrent call may have been quicker.
    if (this.#name === undefined && chosen !== undefined) this.#fix(chosen);
    return this.#name;
  }

  #fix(name: string): void {
    this.#name = name;
    this.#options.onDefault?.(name);
  }
}
