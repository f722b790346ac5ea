/**
 * Chance for simulations: numbers that follow from a label alone, so that the choices of one step
 * never depend on how many others were made before it.
 *
 * @source sfc32, the small fast counting generator of Chris Doty-Humphrey's PractRand
 */
import { createRandom } from '../../actors/random.js';
import { KitError } from '../errors.js';

export interface Chance {
  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number;
  /** True once in so many: `probability` from 0 to 1. */
  chance(probability: number): boolean;
  /** One of a list that is not empty. */
  pick<Item>(items: readonly Item[]): Item;
  /** So many letters from a to z. */
  letters(count: number): string;
}

export function createChance(seed: number | string, label: string): Chance {
  const next = createGenerator(createRandom(seed).bytes(`simulation:${label}`));
  const integer = (min: number, max: number) => {
    if (!(Number.isSafeInteger(min) && Number.isSafeInteger(max) && min <= max)) {
      throw noRange(min, max);
    }
    return min + Math.floor((next() / 2 ** 32) * (max - min + 1));
  };
  return {
    integer,
    chance: (probability) => next() / 2 ** 32 < probability,
    pick(items) {
      if (items.length === 0) throw nothingToPick();
      return items[integer(0, items.length - 1)] as (typeof items)[number];
    },
    letters: (count) =>
      Array.from({ length: count }, () => String.fromCharCode(integer(97, 122))).join(''),
  };
}

/** Numbers from 0 to 2^32 - 1. @param bytes at least 16, the state to begin with */
function createGenerator(bytes: Uint8Array): () => number {
  const words = new DataView(bytes.buffer, bytes.byteOffset);
  let [a, b, c, counter] = [0, 4, 8, 12].map((at) => words.getInt32(at, true)) as [
    number,
    number,
    number,
    number,
  ];
  return () => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  };
}

function noRange(min: number, max: number): KitError {
  return new KitError('BAD_OPTION', `there is no whole number from ${min} to ${max}`, {
    hint: 'Give two whole numbers, the smaller one first.',
    details: { min, max },
  });
}

function nothingToPick(): KitError {
  return new KitError('BAD_OPTION', 'an actor wants one of an empty list', {
    hint: 'Return nothing from act() when there is nothing to do.',
  });
}
