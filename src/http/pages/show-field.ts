// The form's choice of what to show: lines, paragraphs, or another view. It stands for `view` and
// `unit`, which addresses have instead.
import Joi from 'joi';
import { field } from '../../config/field-table.js';
import { oneOfText } from '../api/field-kinds.js';
import type { SubmittedFields } from './page-fields.js';

export const SHOWN = ['line', 'quote', 'kwic', 'frequencies', 'count'] as const;

export type Shown = (typeof SHOWN)[number];

export const SHOWN_LABELS: Record<Shown, string> = {
  line: 'lines',
  quote: 'paragraphs',
  kwic: 'in context',
  frequencies: 'frequencies',
  count: 'counts',
};

export const showField = field<Shown | undefined>({
  schema: Joi.string().valid(...SHOWN),
  expected: oneOfText(SHOWN),
  description: 'what the form shows; replaces `view` and `unit`',
});

const SORTS_CONCORDANCE = ['left', 'match', 'right'];

/** Returns what a query with these fields shows. */
export function shownBy(view: string, { unit }: SubmittedFields): Shown {
  if (view !== 'list') return view as Shown;
  return unit === 'quote' ? 'quote' : 'line';
}

/** The fields that a choice sets, or removes if they are empty. */
export function fieldsOf(shown: Shown): { view: string; unit?: string; order?: string } {
  switch (shown) {
    case 'line':
      return { view: '', unit: '', order: '' };
    case 'quote':
      return { view: '', unit: 'quote', order: '' };
    case 'kwic':
      return { view: 'kwic' };
    default:
      return { view: shown, order: '' };
  }
}

/** Replaces `show` by the fields for which it stands. Keeps an invalid one. */
export function replaceShow(submitted: SubmittedFields): SubmittedFields {
  const { show, ...rest } = submitted;
  const shown = SHOWN.find((name) => name === show);
  if (shown === undefined) return submitted;
  const { order, ...chosen } = fieldsOf(shown);
  const fields: Record<string, SubmittedFields[string]> = { ...rest, ...chosen };
  const isSorted = SORTS_CONCORDANCE.includes(String(fields.order));
  if (fields.order !== undefined && isSorted !== (shown === 'kwic')) delete fields.order;
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
}
