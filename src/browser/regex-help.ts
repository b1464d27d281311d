// Puts a pattern of the help into the form, which keeps its other options.
import { find } from './find.js';

const form = find<HTMLFormElement>(document, '#search');
const help = find(form, '#regex-help');

help.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  // The page would follow the link.
  event.stopPropagation();
  const term = find<HTMLInputElement>(form, '[name=term]');
  const syntax = find<HTMLSelectElement>(form, '[name=syntax]');
  term.value = new URL(link.href).searchParams.get('term') ?? '';
  syntax.value = 'regex';
  help.hidePopover();
  term.focus();
  // Searches, like a choice of the user.
  syntax.dispatchEvent(new Event('input', { bubbles: true }));
});
