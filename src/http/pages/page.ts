// What all pages have in common.
import { type Html, html } from './html.js';

const STYLE = html`
  :root { color-scheme: light dark; }
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
  pre, code { font: 0.9rem/1.4 ui-monospace, monospace; }
  pre { overflow-x: auto; padding: 0.5rem 0.75rem; background: #8881; border-left: 3px solid #8886; white-space: pre-wrap; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid #8884; }
  form { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: end; }
  label { display: grid; }
  label.wide { flex: 1 1 16rem; }
  input, select, button { font: inherit; padding: 0.3rem 0.5rem; }
  input[type='number'] { width: 5rem; }
  ol { padding-left: 3rem; }
  .problem { border-left: 3px solid #c33; padding-left: 0.75rem; }
`;

export function renderPage(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`.text;
}
