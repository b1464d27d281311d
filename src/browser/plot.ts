// The dispersion plot: one tab stop, in which arrow keys move between rows and along their marks.

type Item = HTMLElement | SVGElement;

let isSortedByCount = false;

prepare();
document.addEventListener('resultschange', prepare);

document.addEventListener('click', ({ target, clientX }) => {
  if (target instanceof SVGSVGElement && target.matches('.strip')) followNearestMark(target, clientX);
  const button = target instanceof Element ? target.closest('[data-sorts]') : null;
  if (button === null) return;
  isSortedByCount = !isSortedByCount;
  sort();
});

document.addEventListener('keydown', (event) => {
  const { key, target } = event;
  if (!(target instanceof Element) || target.closest('.plot') === null) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const next = neighbor(target, key);
  if (next === undefined) return;
  event.preventDefault();
  makeTabStop(next);
  next.focus();
});

// A strip is hidden from screen readers, except for the mark that has the focus.
document.addEventListener('focusin', ({ target }) => stripOf(target)?.removeAttribute('aria-hidden'));
document.addEventListener('focusout', ({ target }) => stripOf(target)?.setAttribute('aria-hidden', 'true'));

function prepare(): void {
  const summary = document.querySelector<HTMLElement>('.plot > summary');
  if (summary === null) return;
  // Browsers let keyboards focus what scrolls.
  document.querySelector<HTMLElement>('.strips')?.setAttribute('tabindex', '-1');
  makeTabStop(summary);
  sort();
}

function makeTabStop(stop: Item): void {
  const items = document.querySelectorAll('.plot :is(summary, [data-row] a, [data-row] button)');
  for (const item of items) item.setAttribute('tabindex', item === stop ? '0' : '-1');
}

/** The summary, the hint with its links, and the strips. */
function rows(): Item[][] {
  const summary = document.querySelector<HTMLElement>('.plot > summary');
  if (summary === null) return [];
  const others = [...document.querySelectorAll('.plot[open] [data-row]')];
  const items = others.map((row) => [...row.querySelectorAll<Item>('a, button')]);
  return [[summary], ...items.filter((row) => row.length > 0)];
}

function neighbor(current: Element, key: string): Item | undefined {
  const all = rows();
  const index = all.findIndex((row) => row.includes(current as Item));
  const row = all[index] ?? [];
  const position = row.indexOf(current as Item);
  const isRightToLeft = getComputedStyle(current).direction === 'rtl' && !(current instanceof SVGElement);
  const [previous, next] = isRightToLeft ? ['ArrowRight', 'ArrowLeft'] : ['ArrowLeft', 'ArrowRight'];
  switch (key) {
    case 'ArrowDown':
      return all[index + 1]?.[0];
    case 'ArrowUp':
      return all[index - 1]?.[0];
    case next:
      return row[position + 1];
    case previous:
      return row[position - 1];
    case 'Home':
      return all[0]?.[0];
    case 'End':
      return all.at(-1)?.[0];
    default:
      return undefined;
  }
}

function stripOf(target: EventTarget | null): Element | null {
  return target instanceof SVGElement ? target.closest('.strip') : null;
}

/** The server sorts the strips by text. */
function sort(): void {
  const list = document.querySelector('.strips');
  const button = document.querySelector('[data-sorts]');
  if (list === null || button === null) return;
  button.setAttribute('aria-pressed', String(isSortedByCount));
  const strips = [...list.children].filter((strip) => strip instanceof HTMLElement);
  for (const [index, strip] of strips.entries()) strip.dataset.position ??= String(index);
  const number = ({ dataset }: HTMLElement, name: 'count' | 'position') => Number(dataset[name]);
  const byCount = (a: HTMLElement, b: HTMLElement) => number(b, 'count') - number(a, 'count');
  const byText = (a: HTMLElement, b: HTMLElement) => number(a, 'position') - number(b, 'position');
  list.replaceChildren(...strips.sort((a, b) => (isSortedByCount && byCount(a, b)) || byText(a, b)));
}

/** Marks are narrower than a fingertip, so a tap follows the nearest one. */
function followNearestMark(strip: SVGSVGElement, x: number): void {
  const distance = (mark: Element) => {
    const { left, right } = mark.getBoundingClientRect();
    return Math.max(left - x, x - right);
  };
  const marks = [...strip.querySelectorAll<SVGAElement>('a')];
  const nearest = marks.reduce((nearest, mark) => (distance(mark) < distance(nearest) ? mark : nearest));
  location.assign(nearest.href.baseVal);
}

// A module, whose names aren't global.
export {};
