import { expect } from 'chai';
import fc from 'fast-check';
import { createCsvFormat, createTsvFormat } from '../../../src/http/api/csv-format.js';
import type { Entry } from '../../../src/search/engine.js';
import { parseCsv, parseTsv } from '../../helpers/csv.js';

/** Rows of any columns. */
const entries = (...rows: object[]) => rows as Entry[];
const csvOf = (columns: string[], ...rows: object[]) => {
  const format = createCsvFormat(columns);
  return format.complete([format.serializeBatch(entries(...rows))], rows.length, undefined);
};
const tsvOf = (columns: string[], ...rows: object[]) => {
  const format = createTsvFormat(columns);
  return format.complete([format.serializeBatch(entries(...rows))], rows.length, undefined);
};

const object = {
  file: 'a.txt',
  line: 3,
  text: 'x',
  before: ['a', ''],
  after: [],
  matches: [
    [0, 1],
    [4, 12],
  ],
};
const columns = ['file', 'line', 'text', 'before', 'after', 'matches'];

const FORMULA_STARTS = ['=', '+', '-', '@', '\t', '\r', '\n', '\0'];

/** Texts of everything that CSV, TSV or a spreadsheet treats specially. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...FORMULA_STARTS,
        '"',
        '""',
        ',',
        '\r\n',
        ';',
        "'",
        ' ',
        '\u2028',
        '\ufeff',
        '\ufffd',
        '愛',
        '😀',
      ),
      fc.constantFrom('=1+1', '=HYPERLINK("http://a","b")', '@SUM(1)', '-2+3', 'plain', '%', '|', '\\'),
      fc.string({ maxLength: 3 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

const neutralized = (text: string) => (FORMULA_STARTS.includes(text[0] ?? '') ? `'${text}` : text);

describe('createCsvFormat', () => {
  it('renders a header row and one row per entry, each with CRLF', () => {
    expect(csvOf(columns, object)).to.equal('file,line,text,before,after,matches\r\na.txt,3,x,"a\n",,0-1 4-12\r\n');
    expect(csvOf(columns)).to.equal('file,line,text,before,after,matches\r\n');
  });

  it('renders other columns, and leaves a missing value empty', () => {
    const rows = [
      { text: 'a', count: 3 },
      { text: 'b', count: 2, log_likelihood: 0.25 },
    ];
    expect(csvOf(['text', 'count', 'log_likelihood'], ...rows)).to.equal(
      'text,count,log_likelihood\r\na,3,\r\nb,2,0.25\r\n',
    );
  });

  it('quotes fields with quotes, commas and line ends', () => {
    expect(csvOf(['text', 'line'], { text: 'a "b", c', line: 1 })).to.equal('text,line\r\n"a ""b"", c",1\r\n');
    for (const text of ['a\nb', 'a\rb', 'a\r\nb']) expect(csvOf(['text'], { text })).to.equal(`text\r\n"${text}"\r\n`);
  });

  for (const start of FORMULA_STARTS) {
    it(`neutralizes a text that begins with ${JSON.stringify(start)}`, () => {
      const [, row] = parseCsv(csvOf(['text', 'before'], { text: `${start}1`, before: [`${start}2`, start] }));
      expect(row).to.deep.equal([`'${start}1`, `'${start}2\n${start}`]);
    });
  }

  it('leaves numbers as they are, even negative ones', () => {
    expect(csvOf(['a', 'b', 'c'], { a: -1.5, b: 0, c: 1e21 })).to.equal('a,b,c\r\n-1.5,0,1e+21\r\n');
  });

  it('is read back by a strict parser, whatever the texts', () => {
    const row = fc.record({ file: hostileText, text: hostileText, before: fc.array(hostileText, { maxLength: 3 }) });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 4 }), (rows) => {
        const expected = rows.map(({ file, text, before }) => [file, text, before.join('\n')].map(neutralized));
        const names = ['file', 'text', 'before'];
        expect(parseCsv(csvOf(names, ...rows))).to.deep.equal([names, ...expected]);
      }),
      { seed: 21, numRuns: 2_000 },
    );
  });

  it('has the summary as HTTP fields', () => {
    const { summaryFields, suffix } = createCsvFormat(columns);
    expect(summaryFields?.(5, undefined)).to.deep.equal({ 'Grepd-Entries': '5' });
    expect(summaryFields?.(5, 'time')).to.deep.equal({ 'Grepd-Entries': '5', 'Grepd-Truncated': 'time' });
    expect(suffix(5, 'time')).to.equal('');
  });
});

describe('createTsvFormat', () => {
  it('renders a header line and one line per entry', () => {
    expect(tsvOf(columns, object)).to.equal(`${columns.join('\t')}\na.txt\t3\tx\ta \t\t0-1 4-12\n`);
  });

  it('replaces tabs and line ends by spaces, and quotes nothing', () => {
    expect(tsvOf(['text'], { text: '"a"\tb\r\nc\nd\re,' })).to.equal('text\n"a" b c d e,\n');
  });

  it('neutralizes a text whose first character it replaces', () => {
    expect(tsvOf(['text'], { text: '\t=1' }, { text: '\r=1' }, { text: '=1' })).to.equal("text\n' =1\n' =1\n'=1\n");
  });

  it('has the same number of fields in each line, whatever the texts', () => {
    const row = fc.record({ text: hostileText, after: fc.array(hostileText, { maxLength: 3 }) });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 4 }), (rows) => {
        const flat = (text: string) =>
          neutralized(text)
            .replaceAll('\r\n', ' ')
            .replace(/[\t\r\n]/g, ' ');
        const expected = rows.map(({ text, after }) => [flat(text), flat(after.join('\n'))]);
        expect(parseTsv(tsvOf(['text', 'after'], ...rows))).to.deep.equal([['text', 'after'], ...expected]);
      }),
      { seed: 21, numRuns: 1_000 },
    );
  });
});
