interface Closable {
  close: () => Promise<void>;
}

/** Wraps a function that opens something, and closes everything that it opened after each test. */
export function closeAfterEach<Options, Opened extends Closable>(
  open: (options: Options) => Promise<Opened>,
): (options: Options) => Promise<Opened> {
  const opened: Opened[] = [];
  afterEach(async () => {
    for (const it of opened.splice(0)) await it.close();
  });
  return async (options) => {
    const it = await open(options);
    opened.push(it);
    return it;
  };
}
