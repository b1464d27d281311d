// Numbers and charts that are live: the page is asked for again and again, and its numbers are taken over.

const EVERY_MS = 2_000;
const MAX_POINTS = 60;
const WIDTH = 240;
const HEIGHT = 48;

interface Chart {
  points: number[];
  last: { of: number; by: number; atMs: number } | undefined;
}

/** By the place of the tile. */
const charts: Chart[] = [];

show(document);
setInterval(refresh, EVERY_MS);

async function refresh(): Promise<void> {
  if (document.hidden) return;
  try {
    const response = await fetch(location.href, { headers: { Accept: 'text/html' } });
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    show(page);
    document.querySelector('#status')?.replaceChildren(...(page.querySelector('#status')?.childNodes ?? []));
  } catch {
    // There may be an answer the next time.
  }
}

/** Puts what is known of each tile into a page that has just come. */
function show(page: Document): void {
  for (const [at, tile] of [...page.querySelectorAll<HTMLElement>('.tiles li')].entries()) {
    charts[at] ??= { points: [], last: undefined };
    const chart = charts[at];
    const value = read(tile, chart);
    if (value !== undefined) chart.points = [...chart.points, value].slice(-MAX_POINTS);
    const now = tile.querySelector('.now');
    const { unit } = tile.dataset;
    if (now !== null && unit !== undefined && value !== undefined) now.textContent = `now ${value.toFixed(1)}${unit}`;
    if (chart.points.length > 1) tile.append(draw(chart.points));
  }
}

/** What there is to show of a tile: nothing where it tells a total, and nothing was added to that yet. */
function read({ dataset }: HTMLElement, chart: Chart): number | undefined {
  if (dataset.is !== undefined) return Number(dataset.is);
  const now = { of: Number(dataset.of), by: Number(dataset.by), atMs: performance.now() };
  const { last } = chart;
  chart.last = now;
  if (last === undefined) return undefined;
  const added = now.of - last.of;
  if (dataset.by === undefined) return (1_000 * added) / (now.atMs - last.atMs);
  return now.by === last.by ? 0 : added / (now.by - last.by);
}

function draw(points: number[]): SVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const chart = document.createElementNS(namespace, 'svg');
  const line = document.createElementNS(namespace, 'polyline');
  const most = Math.max(...points, 1e-9);
  const places = points.map((point, at) => {
    const x = WIDTH - (points.length - 1 - at) * (WIDTH / (MAX_POINTS - 1));
    return `${x.toFixed(1)},${(HEIGHT - 2 - (point / most) * (HEIGHT - 4)).toFixed(1)}`;
  });
  chart.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  chart.setAttribute('preserveAspectRatio', 'none');
  chart.setAttribute('aria-hidden', 'true');
  chart.setAttribute('class', 'chart');
  line.setAttribute('points', places.join(' '));
  chart.append(line);
  return chart;
}
