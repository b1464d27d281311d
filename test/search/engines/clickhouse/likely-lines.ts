// Generates lines that a term is likely to match, derived from its text alone.
import fc from 'fast-check';
import { anyText, line, utf8 } from '../generators.js';

const PIECE = /\[\^?\]?[^\]]*\]+|\{[^}]*\}|\\.|./gsu;

/** Letters that also match others if case is ignored. */
const CASE_VARIANTS: Record<string, string[]> = { s: ['ſ'], i: ['ı', 'İ'], k: ['\u212a'] };

const nothing = fc.constant('');

/** Returns binary strings: one character per byte. */
export function likelyLine(term: string): fc.Arbitrary<string> {
  const choices = [term, ...term.split('|')].map((choice) => fc.tuple(...(choice.match(PIECE) ?? []).map(standIn)));
  const around = fc.oneof({ weight: 3, arbitrary: nothing }, { weight: 1, arbitrary: line });
  const inner = fc.oneof(...choices).map((parts) => utf8(parts.join('')));
  return fc.tuple(around, inner, around).map((parts) => parts.join(''));
}

/** Returns something that a piece of a term may match, the piece itself, or something similar. */
function standIn(piece: string): fc.Arbitrary<string> {
  if (piece.length > 1 && piece.startsWith('['))
    return fc.constantFrom('a', 'b', 'x', 'é', '愛', '0', '-', ' ', 'L', ']');
  if (piece === '.') return anyText;
  if (/^\\w|^\\\d/.test(piece)) return fc.constantFrom('a', 'é', 'love', '_');
  if (/^\\[WsSBb<>]/.test(piece)) return fc.constantFrom('', ' ', '-', 'a');
  if (piece.length > 1 && piece.startsWith('\\')) return fc.constantFrom(piece.slice(1));
  const itself = fc.constant(piece);
  if (/^[*+?(){}|^$]/.test(piece)) return fc.oneof({ weight: 6, arbitrary: nothing }, { weight: 1, arbitrary: itself });
  const others = [piece.toLowerCase(), piece.toUpperCase(), ...(CASE_VARIANTS[piece.toLowerCase()] ?? [])];
  return fc.oneof(
    { weight: 12, arbitrary: itself },
    { weight: 2, arbitrary: fc.constantFrom('', piece + piece) },
    { weight: 2, arbitrary: fc.constantFrom(...others) },
  );
}
