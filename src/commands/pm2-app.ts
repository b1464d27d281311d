// How PM2 runs grepd: https://pm2.keymetrics.io/docs/usage/application-declaration/
import { parseConfig } from '../config/config.js';
import { workerVariables } from '../config/worker-variables.js';

/** How long a worker may take to exit once its drain limit has passed. */
const EXIT_MS = 2_000;

/** The name under which PM2 lists the workers. */
export const APP = 'grepd';

export interface Pm2AppOptions {
  env: Record<string, string | undefined>;
  /** The path of a worker's program. */
  script: string;
  /** The working directory of the workers; by default that of the command. */
  cwd?: string;
}

export function createPm2App({ env, ...location }: Pm2AppOptions) {
  const { WORKERS, DRAIN_TIMEOUT_MS, MAX_MEMORY_MB } = parseConfig(env);
  /** PM2 applies the new kill_timeout to the old workers, so a reload passes their limit. */
  const runningDrainMs = Number(env.RUNNING_DRAIN_TIMEOUT_MS ?? 0);
  return {
    name: APP,
    ...location,
    env: {
      // Unset ones, too, or a worker would inherit those of the shell that started PM2's daemon.
      ...Object.fromEntries(workerVariables.map((name) => [name, env[name] ?? ''])),
      // The workers of one start share a default dictionary, and those of a reload keep it.
      START_ID: String(Date.now()),
      PREVIOUS_START_ID: env.RUNNING_START_ID ?? '',
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
    autorestart: env.AUTORESTART !== 'false',
    max_restarts: Number.MAX_SAFE_INTEGER,
    // exp_backoff_restart_delay would grow to 15 s, and reset only after 30 s without a crash.
    restart_delay: 500,
    max_memory_restart: `${MAX_MEMORY_MB}M`,
    merge_logs: true,
    // PM2 would otherwise run git to find the deployed version.
    vizion: false,
  };
}
