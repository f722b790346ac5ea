/**
 * "Did you mean": the known word nearest to a mistyped one, by edit distance; upper or lower case is
 * the smallest of slips.
 */

/** `Did you mean start? ` to begin a hint with; nothing when no known word is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearestWord(word, known);
  return near === undefined ? '' : `Did you mean ${near}? `;
}

/** @returns the nearest known word, or undefined when it takes more than a typo a three letters */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: distanceOf(word, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best === undefined) return undefined;
  const letters = best.candidate.replaceAll(/\W/g, '').length;
  const isNear = best.distance <= Math.max(1, Math.floor(letters / 3)) && best.distance < letters;
  return isNear ? best.candidate : undefined;
}

/** Of words that differ in nothing but case, half a typo. */
function distanceOf(a: string, b: string): number {
  const distance = editDistance(a.toLowerCase(), b.toLowerCase());
  return distance === 0 && a !== b ? 0.5 : distance;
}

/** Insertions, deletions, substitutions, and swaps of neighbours: the typos that people make. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwap ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution, swap));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
