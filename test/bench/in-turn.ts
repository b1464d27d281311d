/** Returns what to measure in a round, in alternating order. */
export function inTurn<T>(all: readonly T[], round: number): T[] {
  return round % 2 === 0 ? [...all] : [...all].reverse();
}
