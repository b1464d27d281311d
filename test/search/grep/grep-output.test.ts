import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { GROUP_END, GrepLines, MatchMarkers } from '../../../src/search/grep/grep-output.js';

describe('MatchMarkers', () => {
  /** Returns what grep prints for one line, without its line end. */
  function mark(text: string, pattern: string, markers: MatchMarkers): string {
    const env = { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', GREP_COLORS: markers.colors };
    const args = ['--color=always', '-a', '-E', '-e', pattern];
    return execFileSync('grep', args, { input: `${text}\n`, env, encoding: 'utf8' }).slice(0, -1);
  }

  const cases: [text: string, pattern: string, matches: [number, number][]][] = [
    ['one love', 'love', [[4, 8]]],
    ['love', 'love', [[0, 4]]],
    [
      'lovelove',
      'love',
      [
        [0, 4],
        [4, 8],
      ],
    ],
    [
      'a love b love c',
      'love',
      [
        [2, 6],
        [9, 13],
      ],
    ],
    ['no visible match', 'x*', []],
    ['', '^', []],
    ['é😀 love', 'love', [[4, 8]]],
    ['\x1b[mlove\x1b[m', 'love', [[3, 7]]],
    ['\x1b[mlove\x1b[m', 'l.*', [[3, 10]]],
    ['\x1b[m\x1b[m', '.*', [[0, 6]]],
    ['\x1b[1;1m \x1b[2;2m', ' ', [[6, 7]]],
    ['love\r', 'love', [[0, 4]]],
    ['love\r', 'love.', [[0, 5]]],
    ['\r', 'x*', []],
  ];
  for (const [text, pattern, matches] of cases) {
    it(`finds the matches of ${pattern} in ${JSON.stringify(text)}`, () => {
      const markers = new MatchMarkers();
      expect(markers.parse(mark(text, pattern, markers))).to.deep.equal({ text, matches });
    });
  }

  it('returns the start of a truncated line, and the matches in that part', () => {
    const text = 'xababx\x1b[mab\x1b[m';
    const markers = new MatchMarkers();
    const marked = mark(text, 'a', markers);
    for (let length = 0; length < marked.length; length += 1) {
      const part = markers.parse(marked.slice(0, length));
      expect(text.startsWith(part.text), `truncated to ${length}: ${JSON.stringify(part.text)}`).to.equal(true);
      for (const [start, end] of part.matches) expect(part.text.slice(start, end)).to.equal('a');
    }
  });
});

describe('GrepLines', () => {
  it('separates paths, line numbers and texts, whatever they contain', () => {
    const names = new Map([
      ['./a:1-b', 'a:1-b'],
      ['/proc/1/fd/2', 'é'],
    ]);
    const pathOf = (printed: string) => names.get(printed) ?? printed;
    const lines = new GrepLines({ withLocations: true, pathOf, maxLength: 100, lineEnd: 'lf' });
    const output = './a:1-b\x001:12:-x\n./a:1-b\x002---\n--\n/proc/1/fd/2\x0010:\x00y\n';
    const record = { isTruncated: false, matches: [] };
    expect([...lines.read(Buffer.from(output))]).to.deep.equal([
      { ...record, file: 'a:1-b', line: 1, isMatch: true, text: '12:-x' },
      { ...record, file: 'a:1-b', line: 2, isMatch: false, text: '--' },
      GROUP_END,
      { ...record, file: 'é', line: 10, isMatch: true, text: '\x00y' },
    ]);
  });

  it('assigns the lines of packed texts to their files, and ends the group of each', () => {
    const sections = [
      { file: { path: 'a' }, firstLine: 1, lines: 2, lineInFile: 1 },
      { file: { path: 'empty' }, firstLine: 3, lines: 0, lineInFile: 1 },
      { file: { path: 'b' }, firstLine: 3, lines: 1, lineInFile: 7 },
    ];
    const lines = new GrepLines({ withLocations: true, sections, maxLength: 100, lineEnd: 'lf' });
    const records = [...lines.read(Buffer.from('1-x\n2:y\n3-z\n'))];
    expect(records.map((record) => (record === GROUP_END ? record : `${record.file} ${record.line}`))).to.deep.equal([
      'a 1',
      'a 2',
      GROUP_END,
      'b 7',
    ]);
  });

  it('distinguishes paths of which one is a prefix of the other', () => {
    const lines = new GrepLines({ withLocations: true, maxLength: 100, lineEnd: 'lf' });
    const output = Buffer.from('ab\x001:x\na\x001:x\nab\x001:x\n');
    expect([...lines.read(output)].map((record) => (record === GROUP_END ? record : record.file))).to.deep.equal([
      'ab',
      GROUP_END,
      'a',
      GROUP_END,
      'ab',
    ]);
  });
});
