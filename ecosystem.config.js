// How PM2 runs grepd: https://pm2.keymetrics.io/docs/usage/application-declaration/
import { parseConfig } from './dist/src/config/config.js';
import { workerVariables } from './dist/src/config/worker-variables.js';

const { WORKERS, DRAIN_TIMEOUT_MS, MAX_MEMORY_MB } = parseConfig(process.env);

/** How long a worker may take to exit once its drain limit has passed. */
const EXIT_MS = 2_000;

/** PM2 applies the new kill_timeout to the old workers, so `npm run reload` passes their limit. */
const runningDrainMs = Number(process.env.RUNNING_DRAIN_TIMEOUT_MS ?? 0);

// PM2 ignores the default export of an ESM configuration.
export const apps = [
  {
    name: 'grepd',
    script: 'dist/src/entry.js',
    env: {
      // Unset ones, too, or a worker would inherit those of the shell that started PM2's daemon.
      ...Object.fromEntries(workerVariables.map((name) => [name, process.env[name] ?? ''])),
      // The workers of one start share a default dictionary, and those of a reload keep it.
      START_ID: String(Date.now()),
      PREVIOUS_START_ID: process.env.RUNNING_START_ID ?? '',
    },
    exec_mode: 'cluster',
    instances: WORKERS,
    // A worker gets requests once it sends `ready`.
    wait_ready: true,
    listen_timeout: 15_000,
    // The default, 1,600 ms, would kill draining workers.
    kill_timeout: Math.max(DRAIN_TIMEOUT_MS, runningDrainMs) + EXIT_MS,
    // PM2 would otherwise also signal the greps of a draining worker.
    treekill: false,
    // PM2's agent in a worker would end it a second after PM2 is gone.
    pmx: false,
    // By default, PM2 gives up on a worker after 16 crashes in quick succession.
    autorestart: process.env.AUTORESTART !== 'false',
    max_restarts: Number.MAX_SAFE_INTEGER,
    // exp_backoff_restart_delay would grow to 15 s, and reset only after 30 s without a crash.
    restart_delay: 500,
    max_memory_restart: `${MAX_MEMORY_MB}M`,
    merge_logs: true,
    // PM2 would otherwise run git to find the deployed version.
    vizion: false,
  },
];
