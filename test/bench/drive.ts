// Drives connections to a server, each of which sends its next search when it has an answer.
import autocannon from 'autocannon';
import { cpuMs } from './process-cost.js';

export interface Search {
  term: string;
  dictionary?: string;
}

export interface Load {
  port: number;
  /** The processes whose CPU time is measured. */
  pids: number[];
  connections: number;
  seconds: number;
  /**
   * How long to drive before measuring. Without it, searches that are outstanding at the end count
   * as time but not as answers: too little where answers take a considerable part of `seconds`.
   */
  rampSeconds?: number;
  /** Overrides `seconds`: how many searches all connections send. */
  amount?: number;
  /** Called once per connection, for the searches that it sends in turn, again and again. */
  createSearches: () => Search[];
  /** Called for one answer in `checkEvery`. */
  check?: (search: Search, answer: string) => void;
  checkEvery?: number;
}

export interface Sample {
  perSecond: number;
  p50: number;
  p99: number;
  cpuMs: number;
}

const TIMEOUT_SECONDS = 60;

export async function drive(load: Load): Promise<Sample> {
  const { port, pids, connections, seconds, rampSeconds = 0, amount, createSearches, check, checkEvery = 1 } = load;
  const times: number[] = [];
  let answers = 0;
  let before = cpuMs(pids);
  let begin = performance.now();
  const startOver = () => {
    times.length = 0;
    answers = 0;
    before = cpuMs(pids);
    begin = performance.now();
  };
  const ramp = rampSeconds > 0 ? setTimeout(startOver, rampSeconds * 1000) : undefined;
  const result = await autocannon({
    url: `http://127.0.0.1:${port}/api/v1/json`,
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    connections,
    ...(amount === undefined ? { duration: rampSeconds + seconds } : { amount }),
    timeout: TIMEOUT_SECONDS,
    setupClient: (client) => {
      const searches = createSearches();
      client.setRequests(searches.map((search) => ({ body: JSON.stringify({ action: 'search', ...search }) })));
      let nr = 0;
      // The last client that is set up begins first.
      begin = performance.now();
      let sentMs: number | undefined;
      let chunks: Buffer[] = [];
      client.on('body', (chunk: Buffer) => chunks.push(chunk));
      client.on('response', () => {
        const now = performance.now();
        times.push(now - (sentMs ?? begin));
        answers += 1;
        if (answers % checkEvery === 0) {
          check?.(searches[nr % searches.length] as Search, Buffer.concat(chunks).toString());
        }
        nr += 1;
        chunks = [];
        sentMs = performance.now();
      });
    },
  });
  clearTimeout(ramp);
  if (result.non2xx + result.errors > 0) throw new Error(`${result.non2xx + result.errors} requests failed`);
  times.sort((a, b) => a - b);
  return {
    perSecond: answers / ((performance.now() - begin) / 1000),
    p50: times[Math.floor(times.length * 0.5)] ?? 0,
    p99: times[Math.floor(times.length * 0.99)] ?? 0,
    cpuMs: (cpuMs(pids) - before) / answers,
  };
}
