// The documentation speaks of what there is.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { metricTable } from '../src/runtime/metrics.js';
import { settings } from '../src/settings.js';
import { PROJECT } from './helpers/project.js';

const documents = [
  ...readdirSync(PROJECT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(PROJECT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8');

describe('the documentation', () => {
  for (const document of documents) {
    const text = read(document);

    it(`leads only to files that there are: ${document}`, () => {
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
      for (const link of links) expect(existsSync(join(PROJECT, dirname(document), link)), link).to.equal(true);
    });

    it(`names only paths, settings, metrics and commands that there are: ${document}`, () => {
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
    const sources = readdirSync(join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    const messages = sources.flatMap((name) =>
      [...read(`src/${name}`).matchAll(/log\.(?:info|warn|error|fatal)\(\s*\{[^}]*\},\s*'([^']+)'/g)].map(
        ([, message = '']) => message,
      ),
    );
    expect(messages).to.include.members(['listening', 'draining', 'bug', 'not a request', 'requests cut off']);
    for (const message of messages)
      expect(runbook, message).to.include(message.split(/[:,]/)[0]?.slice(0, 40) as string);
  });
});

/** That are not grepd's. */
const OTHER_VARIABLES = { PM2_HOME: '', LC_ALL: '', GREP_COLORS: '', DIFFERENTIAL_SEED: '' };
