// Keeps the status page up to date: reloads it periodically, and draws a chart of each number.

const REFRESH_INTERVAL_MS = 2_000;
const MAX_POINTS = 60;
const WIDTH = 240;
const HEIGHT = 48;

interface Chart {
  points: number[];
  last: { count: number; per: number; atMs: number } | undefined;
}

/** By the index of the tile. */
const charts: Chart[] = [];

show(document);
setInterval(refresh, REFRESH_INTERVAL_MS);

async function refresh(): Promise<void> {
  if (document.hidden) return;
  try {
    const response = await fetch(location.href, { headers: { Accept: 'text/html' } });
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    show(page);
    document.querySelector('#status')?.replaceChildren(...(page.querySelector('#status')?.childNodes ?? []));
  } catch {
    // The next refresh may succeed.
  }
}

/** Adds the latest values of a page to the charts, and the charts to the page. */
function show(page: Document): void {
  for (const [index, tile] of [...page.querySelectorAll<HTMLElement>('.tiles li')].entries()) {
    charts[index] ??= { points: [], last: undefined };
    const chart = charts[index];
    const value = read(tile, chart);
    if (value !== undefined) chart.points = [...chart.points, value].slice(-MAX_POINTS);
    const now = tile.querySelector('.current');
    const { unit } = tile.dataset;
    if (now !== null && unit !== undefined && value !== undefined) now.textContent = `now ${value.toFixed(1)}${unit}`;
    if (chart.points.length > 1) tile.append(draw(chart.points));
  }
}

/** Returns a gauge's value or a counter's rate; `undefined` for a counter's first sample. */
function read({ dataset }: HTMLElement, chart: Chart): number | undefined {
  if (dataset.gauge !== undefined) return Number(dataset.gauge);
  const now = { count: Number(dataset.count), per: Number(dataset.per), atMs: performance.now() };
  const { last } = chart;
  chart.last = now;
  if (last === undefined) return undefined;
  const increase = now.count - last.count;
  if (dataset.per === undefined) return (1_000 * increase) / (now.atMs - last.atMs);
  return now.per === last.per ? 0 : increase / (now.per - last.per);
}

function draw(points: number[]): SVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const chart = document.createElementNS(namespace, 'svg');
  const line = document.createElementNS(namespace, 'polyline');
  const max = Math.max(...points, 1e-9);
  const coordinates = points.map((point, index) => {
    const x = WIDTH - (points.length - 1 - index) * (WIDTH / (MAX_POINTS - 1));
    return `${x.toFixed(1)},${(HEIGHT - 2 - (point / max) * (HEIGHT - 4)).toFixed(1)}`;
  });
  chart.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  chart.setAttribute('preserveAspectRatio', 'none');
  chart.setAttribute('aria-hidden', 'true');
  chart.setAttribute('class', 'chart');
  line.setAttribute('points', coordinates.join(' '));
  chart.append(line);
  return chart;
}

// A module, whose names aren't global.
export {};
