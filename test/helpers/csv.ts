// A strict parser of RFC 4180, by its grammar. Throws at the first byte that the grammar excludes.

/** Returns the records with their fields. The last record needs a line end, too. */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const record = [field()];
    while (text[at] === ',') {
      at += 1;
      record.push(field());
    }
    if (!text.startsWith('\r\n', at)) fail('a comma or CRLF');
    at += 2;
    if (record.length !== (records[0] ?? record).length) fail('as many fields as in the first record');
    records.push(record);
  }
  return records;

  function field(): string {
    if (text[at] !== '"') {
      const start = at;
      while (at < text.length && !/[",\r\n]/.test(text[at] as string)) at += 1;
      return text.slice(start, at);
    }
    let value = '';
    for (;;) {
      const end = text.indexOf('"', at + 1);
      if (end === -1) fail('a closing quote');
      value += text.slice(at + 1, end);
      at = end + 1;
      if (text[at] !== '"') return value;
      value += '"';
    }
  }

  function fail(expected: string): never {
    throw new Error(`Expected ${expected} at ${at}: ${JSON.stringify(text.slice(at, at + 20))}`);
  }
}

/** Returns the fields of each line, which must be equally many. */
export function parseTsv(text: string): string[][] {
  if (!text.endsWith('\n')) throw new Error('The last line has no end');
  if (text.includes('\r')) throw new Error('A carriage return');
  const records = text
    .slice(0, -1)
    .split('\n')
    .map((line) => line.split('\t'));
  if (records.some(({ length }) => length !== records[0]?.length)) throw new Error('Different numbers of fields');
  return records;
}
