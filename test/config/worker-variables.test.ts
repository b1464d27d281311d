import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { createPm2App } from '../../src/commands/pm2-app.js';
import { settings } from '../../src/config/settings.js';
import { otelVariables, workerVariables } from '../../src/config/worker-variables.js';
import { PROJECT } from '../helpers/project.js';

const PACKAGES = ['sdk-trace-base', 'resources', 'otlp-exporter-base'];
/** Begins other names, for each kind of telemetry. */
const PREFIX = 'OTEL_EXPORTER_OTLP_';

describe('workerVariables', () => {
  /** Returns the names in the calls that read the environment. */
  function namesReadBy(name: string): string[] {
    const folder = join(PROJECT, 'node_modules/@opentelemetry', name, 'build/src');
    const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.js'));
    return sources.flatMap((path) =>
      [...readFileSync(join(folder, path), 'utf8').matchAll(/['"`](OTEL_[A-Z_]+)['"`$]/g)].map(([, read = '']) => read),
    );
  }

  it('contains every setting', () => {
    expect(workerVariables).to.include.members(Object.keys(settings));
  });

  it('contains what OpenTelemetry reads itself', () => {
    const read = new Set(PACKAGES.flatMap(namesReadBy).filter((name) => name !== PREFIX));
    expect(read).to.include.keys('OTEL_SERVICE_NAME', 'OTEL_TRACES_SAMPLER', 'OTEL_BSP_SCHEDULE_DELAY');
    expect(workerVariables).to.include.members([...read]);
  });

  it('has the variables of the exporter for all kinds of telemetry, and for traces', () => {
    for (const name of otelVariables.filter((name) => name.startsWith(PREFIX)))
      expect(otelVariables).to.include(name.replace(/^OTEL_EXPORTER_OTLP_(TRACES_)?/, `${PREFIX}TRACES_`));
  });

  it('reaches the workers under PM2, unset variables as empty ones', () => {
    const { env } = createPm2App({ env: { DICTIONARIES_DIR: join(PROJECT, 'dictionaries') }, script: 'entry.js' });
    expect(env).to.include.keys(...workerVariables);
    expect(env).to.include({ OTEL_TRACES_SAMPLER_ARG: '' });
  });
});
