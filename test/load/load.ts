// Many concurrent clients, and a tally of their requests.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type OpenSession,
  openAgent,
  openClosing,
  openIdle,
  openRaw,
  openUndici,
  type RequestSpec,
  specs,
} from './clients.js';

/** The slowest request takes two seconds. */
const DEFAULT_HUNG_MS = 30_000;

const EXAMPLES = 3;

interface Kind {
  open: OpenSession;
  clients: number;
  /** Sent in rotation. */
  specs: RequestSpec[];
  /** Between requests, as large answers would otherwise use up the machine. */
  pauseMs?: number;
}

export interface Tally {
  kind: string;
  answered: number;
  failed: number;
  hung: number;
  /** Describes the first failures. */
  reasons: string[];
}

export interface LoadOptions {
  port: number;
  /** The maximum idle time of a connection; less than the server's KEEP_ALIVE_TIMEOUT_MS. */
  idleMs: number;
  /** A request that takes longer counts as hung. */
  hungMs?: number;
}

export interface Load {
  tallies: Tally[];
  /** Waits for the outstanding requests. */
  stop: () => Promise<void>;
}

export function startLoad({ port, idleMs, hungMs = DEFAULT_HUNG_MS }: LoadOptions): Load {
  const { alive, search, all, list, total, wait } = specs;
  const mixed = [...Array<RequestSpec>(19).fill(alive), search];
  const kinds: Record<string, Kind> = {
    'kept by http.Agent': { open: openAgent, clients: 4, specs: mixed },
    'kept by undici': { open: openUndici, clients: 4, specs: mixed },
    'Connection: close': { open: openClosing, clients: 4, specs: mixed },
    'bare socket, ignores hints': { open: openRaw, clients: 4, specs: mixed },
    'idle between requests': { open: openIdle(idleMs), clients: 16, specs: mixed },
    'streamed answers': { open: openAgent, clients: 1, specs: [all], pauseMs: 250 },
    'listings and sums': { open: openUndici, clients: 4, specs: [list, total], pauseMs: 100 },
    'slow requests': { open: openUndici, clients: 8, specs: [wait] },
  };

  let stopping = false;
  const tallies: Tally[] = [];
  const clients: Promise<void>[] = [];
  for (const [name, kind] of Object.entries(kinds)) {
    const tally: Tally = { kind: name, answered: 0, failed: 0, hung: 0, reasons: [] };
    tallies.push(tally);
    for (let client = 0; client < kind.clients; client += 1) clients.push(run(kind, tally));
  }
  return {
    tallies,
    stop: async () => {
      stopping = true;
      await Promise.all(clients);
    },
  };

  async function run({ open, specs, pauseMs }: Kind, tally: Tally): Promise<void> {
    const session = open(port);
    for (let n = 0; !stopping; n += 1) {
      const spec = specs[n % specs.length] as RequestSpec;
      const limit = new AbortController();
      try {
        const answer = await Promise.race([session.send(spec), sleep(hungMs, undefined, { signal: limit.signal })]);
        if (answer === undefined) throw new Hung(`${spec.path} was not answered within ${hungMs} ms`);
        const problem = answer.status === 200 ? spec.problem(answer.body) : `${answer.status} ${answer.body}`;
        if (problem !== undefined) throw new Error(problem);
        tally.answered += 1;
        if (pauseMs !== undefined) await sleep(pauseMs);
      } catch (error) {
        if (error instanceof Hung) tally.hung += 1;
        else tally.failed += 1;
        if (tally.reasons.length < EXAMPLES) tally.reasons.push(`${new Date().toISOString()} ${spec.path}: ${error}`);
        // Don't flood a service that is down.
        await sleep(100);
      } finally {
        limit.abort();
      }
    }
    session.close();
  }
}

class Hung extends Error {}

/** Describes the lost requests; empty if there are none. */
export function losses(tallies: Tally[]): string[] {
  return tallies.flatMap(({ kind, failed, hung, reasons }) =>
    failed + hung === 0 ? [] : [`${kind}: ${failed} failed, ${hung} hung: ${reasons.join('; ')}`],
  );
}
