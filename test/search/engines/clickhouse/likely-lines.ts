// Generates lines that a term is likely to match, derived from its text alone.
import fc from 'fast-check';
import { variantsOf } from '../../../../src/search/pattern/case-folding.js';
import { anyText, line, utf8 } from '../generators.js';

const FRAGMENT = /\[\^?\]?[^\]]*\]+|\{[^}]*\}|\\.|./gsu;

const nothing = fc.constant('');

/** Returns binary strings: one character per byte. */
export function likelyLine(term: string): fc.Arbitrary<string> {
  const choices = [term, ...term.split('|')].map((choice) => fc.tuple(...(choice.match(FRAGMENT) ?? []).map(standIn)));
  const around = fc.oneof({ weight: 3, arbitrary: nothing }, { weight: 1, arbitrary: line });
  const inner = fc.oneof(...choices).map((parts) => utf8(parts.join('')));
  return fc.tuple(around, inner, around).map((parts) => parts.join(''));
}

/** Returns a text that a fragment of a term may match, the fragment itself, or a similar text. */
function standIn(fragment: string): fc.Arbitrary<string> {
  if (fragment.length > 1 && fragment.startsWith('['))
    return fc.constantFrom('a', 'b', 'x', 'é', '愛', '0', '-', ' ', 'L', ']');
  if (fragment === '.') return anyText;
  if (/^\\w|^\\\d/.test(fragment)) return fc.constantFrom('a', 'é', 'love', '_');
  if (/^\\[WsSBb<>]/.test(fragment)) return fc.constantFrom('', ' ', '-', 'a');
  if (fragment.length > 1 && fragment.startsWith('\\')) return fc.constantFrom(fragment.slice(1));
  const itself = fc.constant(fragment);
  if (/^[*+?(){}|^$]/.test(fragment))
    return fc.oneof({ weight: 6, arbitrary: nothing }, { weight: 1, arbitrary: itself });
  const others = variantsOf(fragment.codePointAt(0) as number).map((code) => String.fromCodePoint(code));
  return fc.oneof(
    { weight: 12, arbitrary: itself },
    { weight: 2, arbitrary: fc.constantFrom('', fragment + fragment) },
    { weight: 2, arbitrary: fc.constantFrom(...others) },
  );
}
