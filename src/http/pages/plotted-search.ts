// Searches, and plots the matches of the search itself.
import { raceAbort } from '../../concurrency/race-abort.js';
import { AppError } from '../../errors.js';
import { type Dispersion, DispersionRecorder } from '../../search/dispersion.js';
import { collect, type Summary } from '../../search/engine.js';
import type { FindQuery, QueryEngine } from '../../search/query.js';
import { type Excerpt, excerpt } from './excerpt.js';

/** How long a page waits for the dispersion plot once its results are complete. */
export const PLOT_TIMEOUT_MS = 300;

export interface PlottedSearch extends Summary {
  entries: Excerpt[];
  /** `undefined` if the lines can't be counted in time. */
  dispersion: Dispersion | undefined;
  tookMs: number;
}

export async function searchAndPlot(
  engine: QueryEngine,
  query: FindQuery & { format: 'object' },
  signal: AbortSignal,
): Promise<PlottedSearch> {
  const recorder = new DispersionRecorder();
  const stop = new AbortController();
  const softTimeout = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const startTimer = () => {
    timer ??= setTimeout(() => {
      recorder.close();
      softTimeout.abort();
    }, PLOT_TIMEOUT_MS);
  };
  let nrOfEntries = 0;
  try {
    const startedAt = performance.now();
    const plotting = countLines(engine, query.dictionary, recorder, AbortSignal.any([signal, stop.signal]));
    // Awaited below, unless the search fails first.
    plotting.catch(() => {});
    const answer = await collect(engine.find({ ...query, observer: recorder }, signal), (entry) => {
      nrOfEntries += 1;
      if (nrOfEntries === query.nresults) startTimer();
      return excerpt(entry, query.unit);
    });
    const tookMs = performance.now() - startedAt;
    // Without entries there is nothing to plot, so the page doesn't wait for the line counts.
    if (answer.nrOfEntries === 0) return { ...answer, tookMs, dispersion: undefined };
    startTimer();
    await raceAbort(plotting, softTimeout.signal).catch((error) => {
      if (!softTimeout.signal.aborted) throw error;
    });
    return { ...answer, tookMs, dispersion: recorder.dispersion(answer.nrOfEntries) };
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

/** Closes the recorder if the lines can't be counted. */
async function countLines(
  engine: QueryEngine,
  dictionary: string | undefined,
  recorder: DispersionRecorder,
  signal: AbortSignal,
): Promise<void> {
  try {
    recorder.setLineCounts(await engine.lineCounts(dictionary, signal));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    recorder.close();
  }
}
