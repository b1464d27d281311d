// Shows whether the service is running and ready, and lists its workers.
import { parseConfig } from '../config/config.js';
import { OperatorError } from '../errors.js';
import { renderAge, renderTable } from './listing.js';
import { isOnline, listWorkers, NOT_RUNNING, type Pm2Worker } from './pm2.js';
import { findReadinessProblem, originOf } from './probe.js';

/** Throws an OperatorError, so that the exit status is 1, unless the service is ready. */
export async function status(): Promise<string> {
  const workers = await listWorkers();
  const [running] = workers.filter(isOnline);
  if (running === undefined) throw new OperatorError(NOT_RUNNING);
  const origin = originOf(parseConfig(running.pm2_env.env));
  const problem = await findReadinessProblem(origin);
  const table = renderTable([['pid', 'status', 'age', 'memory MB', 'restarts'], ...workers.map(renderWorker)]);
  if (problem !== undefined) {
    throw new OperatorError(`grepd is running at ${origin}, but is not ready: ${problem}\n\n${table}`);
  }
  return `grepd is ready at ${origin}.\n\n${table}`;
}

function renderWorker({ pid, monit, pm2_env }: Pm2Worker): string[] {
  const { status, pm_uptime, restart_time } = pm2_env;
  const age = status === 'online' && pm_uptime !== undefined ? renderAge(Date.now() - pm_uptime) : '-';
  return [String(pid), status, age, ((monit?.memory ?? 0) / 1e6).toFixed(0), String(restart_time)];
}
