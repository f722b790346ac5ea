/** Two texts line by line: what only one of them has, between what both have. */

export interface ComparedLine {
  readonly kind: 'same' | 'expected' | 'actual';
  readonly text: string;
}

/** Longest texts that are compared, in lines; of longer ones each is shown by itself. */
const LINES_MAX = 400;

/** The fewest changes that make one of the other. */
export function compareLines(expected: string, actual: string): ComparedLine[] {
  const wanted = expected.split('\n');
  const got = actual.split('\n');
  const all = (kind: ComparedLine['kind'], lines: readonly string[]) =>
    lines.map((text) => ({ kind, text }));
  if (wanted.length > LINES_MAX || got.length > LINES_MAX) {
    return [...all('expected', wanted), ...all('actual', got)];
  }
  const common = commonLengths(wanted, got);
  const lines: ComparedLine[] = [];
  let i = 0;
  let j = 0;
  while (i < wanted.length && j < got.length) {
    const text = wanted[i] ?? '';
    if (text === got[j]) {
      lines.push({ kind: 'same', text });
      i += 1;
      j += 1;
    } else if (at(common, i + 1, j) >= at(common, i, j + 1)) {
      lines.push({ kind: 'expected', text });
      i += 1;
    } else {
      lines.push({ kind: 'actual', text: got[j] ?? '' });
      j += 1;
    }
  }
  return [...lines, ...all('expected', wanted.slice(i)), ...all('actual', got.slice(j))];
}

/** At i, j: how many lines the texts from there on have in common, in order. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint16Array[] {
  const rows = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const longer = Math.max(at(rows, i + 1, j), at(rows, i, j + 1));
      (rows[i] as Uint16Array)[j] = a[i] === b[j] ? at(rows, i + 1, j + 1) + 1 : longer;
    }
  }
  return rows;
}

function at(rows: readonly Uint16Array[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0;
}
