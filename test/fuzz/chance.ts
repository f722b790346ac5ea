/** Seeded chance for fuzzing: the same seed makes the same cases, so that a failure comes back. */

export interface Chance {
  /** A whole number from 0 up to but not including `max`. */
  below(max: number): number;
  pick<Value>(values: readonly Value[]): Value;
  /** True once in `n` times. */
  oneIn(n: number): boolean;
  bytes(length: number): Uint8Array;
  /** Text of any characters, printable or not, of the length at most. */
  text(lengthMax: number): string;
}

/** xorshift32: small, and the same everywhere. */
export function createChance(seed: number): Chance {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  const below = (max: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % max;
  };
  const pick = <Value>(values: readonly Value[]) => values[below(values.length)] as Value;
  const bytes = (length: number) => Uint8Array.from({ length }, () => below(256));
  return {
    below,
    pick,
    oneIn: (n) => below(n) === 0,
    bytes,
    text: (lengthMax) =>
      Array.from({ length: below(lengthMax + 1) }, () => pick(ALPHABETS)[below(8)] ?? '').join(''),
  };
}

/** Eight characters of each kind that parsers treat differently. */
const ALPHABETS = [
  ['a', 'b', 'c', 'X', 'Y', 'Z', '0', '9'],
  ['/', '\\', '.', '..', '%', '%2f', '%00', '~'],
  ['"', "'", '`', '<', '>', '{', '}', '$'],
  ['&', '=', '?', '#', ';', ':', '@', '+'],
  ['\0', '\n', '\r', '\t', '\x7f', '\x1b', ' ', '\u00a0'],
  ['é', '字', '😀', '\ud800', '\udfff', '\ufffd', '\u202e', '\ufeff'],
] as const;

/** Values that have broken programs before. */
export const NASTY = [
  '',
  '0',
  '-1',
  '1',
  '9007199254740993',
  '1e309',
  'NaN',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '..',
  '../../../etc/passwd',
  '..%2f..%2fetc%2fpasswd',
  '%00',
  '%',
  '%zz',
  '%ff%fe',
  '[object Object]',
  '{}',
  '[]',
  '<script>',
  "'; DROP TABLE log; --",
  'a'.repeat(5_000),
  '\u{1f600}',
] as const;
