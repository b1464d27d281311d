// Bar charts as standalone SVG.

export interface Group {
  title: string;
  bars: { title: string; value: number }[];
}

const WIDTH = 720;
const LEFT = 190;
const BAR = 16;
const GAP = 14;
const COLORS = ['#2a6f97', '#61a5c2', '#a9d6e5', '#c9a227', '#8d99ae'];

/** Renders groups of bars on a logarithmic scale. */
export function renderBars(title: string, unit: string, groups: Group[]): string {
  const max = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const width = (value: number) =>
    Math.max(1, (Math.log10(Math.max(value, 1)) / Math.log10(max)) * (WIDTH - LEFT - 90));
  const parts: string[] = [];
  let y = 50;
  for (const group of groups) {
    parts.push(`<text x="8" y="${y}" font-weight="bold">${group.title}</text>`);
    y += 8;
    for (const [at, { title: name, value }] of group.bars.entries()) {
      parts.push(
        `<text x="${LEFT - 8}" y="${y + BAR - 4}" text-anchor="end">${name}</text>`,
        `<rect x="${LEFT}" y="${y}" width="${width(value).toFixed(1)}" height="${BAR - 3}" fill="${COLORS[at % COLORS.length]}"/>`,
        `<text x="${(LEFT + width(value) + 6).toFixed(1)}" y="${y + BAR - 4}">${Math.round(value).toLocaleString('en')}</text>`,
      );
      y += BAR;
    }
    y += GAP + 8;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
<text x="8" y="22" font-size="15">${title} (${unit}, logarithmic)</text>
${parts.join('\n')}
</svg>
`;
}
