// The parts of the README that are made from the tables. As a program (`npm run readme`) it writes them there.
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultOf, type Field, type Fields } from '../../src/config/field-table.js';
import { settings } from '../../src/config/settings.js';
import { errorKinds } from '../../src/errors.js';
import { defaultActions as actions } from '../../src/http/api/actions.js';
import { routes } from '../../src/http/routes.js';
import { metricTable } from '../../src/runtime/metrics/metrics.js';
import { PROJECT } from './project.js';

export const README = join(PROJECT, 'README.md');

/** A README with its generated parts as they should be. */
export function withTables(readme: string): string {
  const tables = {
    fields: fieldsTable(),
    errors: errorsTable(),
    routes: routesTable(),
    settings: settingsTable(),
    metrics: metricsTable(),
  };
  return Object.entries(tables).reduce((text, [name, table]) => {
    const part = new RegExp(`(<!-- ${name} -->\n).*?(<!-- /${name} -->)`, 's');
    if (!part.test(text)) throw new Error(`The README has no place for ${name}`);
    return text.replace(part, (_, begin: string, end: string) => `${begin}${table}${end}`);
  }, readme);
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
    ['field', 'for', 'is', 'default', 'meaning'],
    [
      ['`action`', 'all actions', names.join(' or '), 'required', summaries.join('; ')],
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
    ['Code', 'when'],
    Object.values(errorKinds).map(({ status, when }) => [String(status), when]),
  );
}

function routesTable(): string {
  return table(
    ['route', 'what'],
    Object.values(routes).map(({ path, description }) => [`\`GET ${path}\``, description]),
  );
}

function metricsTable(): string {
  const rows = Object.entries(metricTable);
  return table(
    ['metric', 'is a', 'labels', 'meaning'],
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
    ['setting', 'is', 'default', 'meaning'],
    Object.entries<Field>(settings).map(([name, field]) => [
      `\`${name}\``,
      field.expected,
      defaultOf(field),
      field.description,
    ]),
  );
}

if (realpathSync(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  writeFileSync(README, withTables(readFileSync(README, 'utf8')));
}
