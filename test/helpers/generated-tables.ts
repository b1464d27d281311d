// The tables of docs/ that are generated from the code. `npm run readme` writes them.
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandEntries } from '../../src/cli/command-table.js';
import { renderManPage } from '../../src/cli/man-page.js';
import { defaultOf, type Field, type Fields } from '../../src/config/field-table.js';
import { settings } from '../../src/config/settings.js';
import { errorKinds } from '../../src/errors.js';
import { defaultActions as actions } from '../../src/http/api/actions.js';
import { routes } from '../../src/http/routes.js';
import { metricTable } from '../../src/runtime/metrics/metrics.js';
import { PROJECT } from './project.js';

const tables = {
  'reference/api.md': { fields: fieldsTable, routes: routesTable },
  'reference/commands.md': { grepd: commandsTable },
  'reference/errors.md': { errors: errorsTable },
  'reference/settings.md': { settings: settingsTable },
  'reference/metrics.md': { metrics: metricsTable },
  'architecture.md': { imports: importsTable },
};

export const generatedDocuments = Object.keys(tables) as (keyof typeof tables)[];

export function pathOf(document: keyof typeof tables): string {
  return join(PROJECT, 'docs', document);
}

/** The man page, which is generated as a whole. */
export const manPage = { path: join(PROJECT, 'docs/reference/grepd.1'), render: renderManPage };

/** Replaces the tables in a document. Throws if the comments around a table are missing. */
export function withTables(document: keyof typeof tables, text: string): string {
  return Object.entries<() => string>(tables[document]).reduce((result, [name, render]) => {
    const section = new RegExp(`(<!-- ${name} -->\n).*?(<!-- /${name} -->)`, 's');
    if (!section.test(result)) throw new Error(`${document} has no section "${name}"`);
    return result.replace(section, (_, begin: string, end: string) => `${begin}${render()}${end}`);
  }, text);
}

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('');
}

function fieldsTable(): string {
  const users = new Map<string, { field: Field; actions: string[] }>();
  for (const [action, { fields }] of Object.entries<{ fields: Fields }>(actions)) {
    for (const [name, field] of Object.entries(fields)) {
      const row = users.get(name) ?? { field, actions: [] };
      row.actions.push(`\`${action}\``);
      users.set(name, row);
    }
  }
  const names = Object.keys(actions).map((name) => `\`"${name}"\``);
  const summaries = Object.entries(actions).map(
    ([name, { summary }]) => `\`${name}\`: ${summary.toLowerCase().replace('.', '')}`,
  );
  return table(
    ['field', 'actions', 'expected', 'default', 'description'],
    [
      ['`action`', 'all', names.join(' or '), 'required', summaries.join('; ')],
      ...[...users].map(([name, { field, actions }]) => [
        `\`${name}\``,
        actions.join(', '),
        field.expected,
        defaultOf(field),
        field.description,
      ]),
    ],
  );
}

function errorsTable(): string {
  return table(
    ['status', 'code', 'when'],
    Object.entries(errorKinds).map(([code, { status, when }]) => [String(status), `\`${code}\``, when]),
  );
}

function routesTable(): string {
  return table(
    ['route', 'description'],
    Object.values(routes).map(({ path, description }) => [`\`GET ${path}\``, description]),
  );
}

function commandsTable(): string {
  return table(
    ['command', 'in a checkout', 'what it does'],
    commandEntries.map(([name, { usage, script, summary }]) => [
      usage.map((args) => `\`${`grepd ${name} ${args}`.trim()}\``).join(', '),
      script === undefined ? '' : `\`${script}\``,
      summary,
    ]),
  );
}

function metricsTable(): string {
  const rows = Object.entries(metricTable);
  return table(
    ['metric', 'type', 'labels', 'description'],
    rows.map(([name, { type, help, labels = [] }]) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(', '),
      help,
    ]),
  );
}

function settingsTable(): string {
  return table(
    ['setting', 'expected', 'default', 'description'],
    Object.entries<Field>(settings).map(([name, field]) => [
      `\`${name}\``,
      field.expected,
      defaultOf(field),
      field.description,
    ]),
  );
}

/** The allowed imports. Each linter rule forbids imports from above its folder, with exceptions. */
function importsTable(): string {
  const { overrides } = JSON.parse(readFileSync(join(PROJECT, 'biome.json'), 'utf8')) as { overrides: ImportRule[] };
  const rows = overrides.flatMap(({ includes: [glob], linter }) => {
    const [rule] = linter.rules.style.noRestrictedImports?.options.patterns ?? [];
    // The documents describe the rules of single files in prose.
    if (rule === undefined || !glob.endsWith('/*.ts') || glob === 'src/*.ts') return [];
    const allowed = rule.group
      .filter((pattern) => pattern.startsWith('!'))
      .map((pattern) => resolveImport(glob, pattern));
    return [[`\`${glob.slice('src/'.length)}\``, allowed.map((path) => `\`${path}\``).join(', ') || 'nothing']];
  });
  return table(['files', 'may import, besides their own folder'], rows);
}

/** `!../engine.js` in `src/search/grep/*.ts` is `search/engine.ts`. */
function resolveImport(glob: string, pattern: string): string {
  const path = posix.join(posix.dirname(glob), pattern.slice(1)).slice('src/'.length);
  return path.replace(/\*\*$/, '').replace(/\.js$/, '.ts');
}

interface ImportRule {
  includes: [string];
  linter: { rules: { style: { noRestrictedImports?: { options: { patterns: [{ group: string[] }] } } } } };
}

if (realpathSync(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  for (const document of generatedDocuments) {
    const path = pathOf(document);
    writeFileSync(path, withTables(document, readFileSync(path, 'utf8')));
  }
  writeFileSync(manPage.path, manPage.render());
}
