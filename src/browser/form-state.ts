// The state of the form: its URL, and the state that another page has.
import { find } from './find.js';

const TEXT_CHOOSER = '#text-chooser';
const VIEW_OPTIONS = '#view-options';
const CONDITIONS = '#conditions';

/** The URL that submitting the form would load, without empty fields and defaults. */
export function formUrl(form: HTMLFormElement): string {
  const address = new URL(form.action);
  const { searchParams } = address;
  for (const field of form.elements) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement)) continue;
    if (field instanceof HTMLInputElement && /^(checkbox|radio)$/.test(field.type) && !field.checked) continue;
    // The filter of the texts isn't part of the query.
    if (field.name === '' || field.name === 'texts' || field.value === '' || field.value === field.dataset.default)
      continue;
    searchParams.append(field.name, field.value);
  }
  // The choice of what to show stands for other fields.
  searchParams.delete('show');
  const chosen = form.querySelector<HTMLOptionElement>('[name=show] > :checked');
  for (const [name, value = ''] of Object.entries(chosen?.dataset ?? {})) {
    if (value === '') searchParams.delete(name);
    else searchParams.set(name, value);
  }
  return address.href;
}

/** Copies the options of the view from the form of another page, if it has another view. */
export function updateViewOptions(form: HTMLFormElement, source: HTMLFormElement): void {
  const isSameView = find(form, VIEW_OPTIONS).dataset.shown === find(source, VIEW_OPTIONS).dataset.shown;
  if (!isSameView) find(form, VIEW_OPTIONS).replaceWith(find(source, VIEW_OPTIONS).cloneNode(true));
}

/** Copies the state of another page's form, which has the same fields except for those of the view. */
export function fillForm(form: HTMLFormElement, source: HTMLFormElement): void {
  for (const part of [TEXT_CHOOSER, VIEW_OPTIONS]) find(form, part).replaceWith(find(source, part).cloneNode(true));
  // Conditions that apply must be visible.
  if (find<HTMLDetailsElement>(source, CONDITIONS).open) find<HTMLDetailsElement>(form, CONDITIONS).open = true;
  for (const [index, field] of [...form.elements].entries()) {
    const sourceField = source.elements[index];
    if (field instanceof HTMLInputElement && sourceField instanceof HTMLInputElement) {
      field.value = sourceField.value;
      field.checked = sourceField.checked;
    }
    // Another view has another choice of what to show.
    if (field instanceof HTMLSelectElement && sourceField instanceof HTMLSelectElement) {
      const { value } = sourceField;
      field.replaceChildren(...[...sourceField.children].map((option) => option.cloneNode(true)));
      field.value = value;
    }
  }
}
