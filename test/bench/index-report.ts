// The tables of `npm run bench:index`.
import type { Question } from './index-questions.js';
import type { Timings } from './timings.js';

export const WITHOUT = 'INDEX=false';
export const WITH = 'index';
export const CLICKHOUSE = 'ClickHouse';

export type Fact = [title: string, measured: string, target: string];

const UNFAIR = `
What is unfair about it:

- All: the texts are in memory, and the programs share the cores with their clients.
- The text consists of generated words. They have more distinct trigrams than a language, and the
  rare words in capitals have trigrams that nothing else has.
- \`grep -c\`: a command line that only counts. It sends no lines and no context over HTTP, and
  doesn't check names, links, limits or changes. In the folder it prints lines, in any order.
- codesearch: a command line that only counts, too. Its index has whole files, so it searches a
  copy of the text that is divided into files of 128 KiB. It skips files with long lines or invalid
  UTF-8, doesn't notice changes, and uses one core.
- ClickHouse: one node on the same cores; every answer still goes through grepd. The folder and the
  concurrent scans were not tried there.
- 8 clients: each repeats one literal, and all of them occur in the same lines.
- Small searches: different terms, and clients that send the next one as soon as they get an answer.
- Building: nothing else runs, although the process has the lowest priority. CPU time includes
  starting Node.js.`;

export function printHead(rounds: number): void {
  printRow(
    `ms, median of ${rounds}`,
    'lines',
    WITHOUT,
    WITH,
    'times',
    'target',
    '`grep -c`',
    '`csearch -c`',
    CLICKHOUSE,
  );
  printRow(...Array.from({ length: 9 }, () => '---'));
}

/**
 * @param timings the milliseconds, as `TITLE PROGRAM`
 * @param entries the number of matching lines, by title
 */
export function printQuestion(
  { title, target }: Question,
  timings: Timings,
  entries: ReadonlyMap<string, string>,
): void {
  const of = (name: string) => timings.median(`${title} ${name}`);
  const ratio = of(WITHOUT) / of(WITH);
  const times = ratio.toFixed(ratio < 10 ? 2 : 0);
  const goal = 'times' in target ? `≥ ${target.times}` : `< ${target.belowMs} ms`;
  const others = ['grep', 'codesearch', CLICKHOUSE].map((name) => inMs(of(name)));
  printRow(title, entries.get(title) ?? '', inMs(of(WITHOUT)), inMs(of(WITH)), times, goal, ...others);
}

/** @param timings the requests per second, as `NAME PROGRAM` */
export function printRate(title: string, name: string, target: string, timings: Timings): void {
  const of = (program: string) => timings.median(`${name} ${program}`);
  const [without, withIndex, cluster] = [WITHOUT, WITH, CLICKHOUSE].map((program) => of(program) || undefined);
  const ratio = (of(WITH) / of(WITHOUT)).toFixed(2);
  const rate = (value: number | undefined) => value?.toFixed(0) ?? '';
  printRow(`${title}, requests/s`, '', rate(without), rate(withIndex), ratio, target, '', '', rate(cluster));
}

/** Prints the other results, and what is unfair about all of them. */
export function printFacts(facts: readonly Fact[]): void {
  console.log();
  printRow('', 'measured', 'target');
  printRow('---', '---', '---');
  for (const fact of facts) printRow(...fact);
  console.log(UNFAIR);
}

function inMs(ms: number): string {
  if (ms === 0) return '';
  return ms.toFixed(ms < 20 ? 1 : 0);
}

function printRow(...cells: (string | number)[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}
