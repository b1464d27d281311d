// The documentation refers only to what exists.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { settings } from '../src/config/settings.js';
import { otelVariables } from '../src/config/worker-variables.js';
import { requestLog } from '../src/runtime/logger.js';
import { metricTable } from '../src/runtime/metrics/metrics.js';
import { PROJECT } from './helpers/project.js';

const documents = [
  ...readdirSync(PROJECT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(PROJECT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8');

describe('the documentation', () => {
  for (const document of documents) {
    const text = read(document);

    it(`links only to files that exist: ${document}`, () => {
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
      for (const link of links) expect(existsSync(join(PROJECT, dirname(document), link)), link).to.equal(true);
    });

    it(`names only paths, settings, metrics and commands that exist: ${document}`, () => {
      const names = [...text.matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name);
      const { scripts } = JSON.parse(read('package.json')) as { scripts: object };
      for (const name of names) {
        if (/^(src|test|deploy|docs)\/[\w./-]+$/.test(name))
          expect(existsSync(join(PROJECT, name)), name).to.equal(true);
        const [, script] = /^npm run ([\w:-]+)/.exec(name) ?? [];
        if (script !== undefined) expect(scripts).to.include.keys(script);
        const [metric] = /^grepd_\w+/.exec(name) ?? [];
        if (metric !== undefined) expect(metricTable).to.include.keys(metric);
        const [setting] = /^[A-Z]+_[A-Z_]+(?==|$)/.exec(name) ?? [];
        if (setting !== undefined) expect({ ...settings, ...OTHER_VARIABLES }, name).to.include.keys(setting);
      }
    });
  }

  it('says what every line of the log means', () => {
    const runbook = read('docs/operations.md');
    const messages = loggedLines().map(({ message }) => message);
    expect(messages).to.include.members(['listening', 'draining', 'bug', 'malformed request', 'drain timed out']);
    for (const message of messages)
      expect(runbook, message).to.include(message.split(/[:,]/)[0]?.slice(0, 40) as string);
  });

  it('names only fields that a line of the log has, and all that a request has', () => {
    const lines: string[] = [];
    const event = { id: 'a', method: 'GET', path: '/', action: 'all', dictionary: 'a', term: 'a', status: 499, ms: 1 };
    requestLog(pino({ base: { pid: 1 } }, { write: (line: string) => lines.push(line) }))({
      ...event,
      aborted: true,
      reason: '',
      key: 'a',
      trace_id: 'a',
      span_id: 'a',
    });
    const { level: _, time: __, pid: ___, msg: ____, ...request } = JSON.parse(lines[0] as string) as object & LogLine;
    const logged = [...loggedLines(), { message: 'request', fields: Object.keys(request) }];
    const section = read('docs/operations.md').split('## The log')[1]?.split('\n## ')[0] ?? '';
    for (const [, messages = '', means = ''] of section.matchAll(
      /^\| (`.+?`) \| (?:(?:info|warn|error|fatal)(?:, )?)+ \| (.+?) \|/gm,
    )) {
      const named = namesIn(means).filter((name) => /^[a-z][A-Za-z_]*$/.test(name) && !PROGRAMS.includes(name));
      const known = namesIn(messages).flatMap(fieldsOf);
      expect(known, messages).to.include.members(named);
      if (messages === '`request`') expect(named).to.have.members(known);
    }

    /** A message that the document truncates ends with an ellipsis. */
    function fieldsOf(documented: string): string[] {
      const [beginning = '', end] = documented.split('…');
      const found = logged.filter(({ message }) =>
        end === undefined ? message === beginning : message.startsWith(beginning),
      );
      expect(found, documented).to.not.deep.equal([]);
      return found.flatMap(({ fields }) => fields);
    }
  });
});

interface LogLine {
  level: string;
  time: string;
  pid: number;
  msg: string;
}

/** What the sources log by pino, with the names of the fields. */
function loggedLines(): { message: string; fields: string[] }[] {
  const sources = readdirSync(join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return sources.flatMap((name) =>
    [...read(`src/${name}`).matchAll(/log\.(?:info|warn|error|fatal)\(\s*\{([^}]*)\},\s*'([^']+)'/g)].map(
      ([, fields = '', message = '']) => ({
        message,
        fields: [...fields.matchAll(/(?:^|,)\s*(\w+)/g)].map(([, field = '']) => field),
      }),
    ),
  );
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

/** Programs that the log section names in the same format as fields. */
const PROGRAMS = ['setpriv', 'prlimit'];

/** Environment variables that aren't settings of grepd. */
const OTHER_VARIABLES = {
  OTEL_EXPORTER_OTLP_PROTOCOL: '',
  ...Object.fromEntries(otelVariables.map((name) => [name, ''])),
  PM2_HOME: '',
  GREPD_URL: '',
  GREPD_API_KEY: '',
  NO_COLOR: '',
  XDG_STATE_HOME: '',
  XDG_CACHE_HOME: '',
  LC_ALL: '',
  GREP_COLORS: '',
  DIFFERENTIAL_SEED: '',
  EVERY_STEP: '',
  INDEX_SEED: '',
  INDEX_QUESTIONS: '',
  QUERY_SEED: '',
  ENCODED_DICTIONARIES: '',
  QUERY_QUESTIONS: '',
};
