import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shrink } from '../../../kit/simulation/shrink.js';

/** Fails if all of these are in the list, in this order. */
const needs = (wanted: readonly number[]) => async (items: readonly number[]) => {
  let place = 0;
  for (const item of items) if (item === wanted[place]) place++;
  return place === wanted.length;
};

describe('shrinking a list that fails', () => {
  test('leaves what is needed, in its order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray(Array.from({ length: 40 }, (_, i) => i)), async (wanted) => {
        const items = Array.from({ length: 40 }, (_, i) => i);
        const shrunk = await shrink(items, needs(wanted), 10_000);
        expect(shrunk).toMatchObject({ items: wanted, minimal: true });
      }),
    );
  });

  test('leaves one item out at a time: two that only matter together stay', async () => {
    const fails = async (items: readonly number[]) => items.includes(3) === items.includes(7);
    const { items } = await shrink([1, 3, 5, 7], fails, 100);
    expect(items).toEqual([3, 7]);
  });

  test('stops after so many tries, and says so', async () => {
    const items = Array.from({ length: 64 }, (_, i) => i);
    const shrunk = await shrink(items, needs([1, 62]), 5);
    expect(shrunk).toMatchObject({ tries: 5, minimal: false });
    expect(await needs([1, 62])(shrunk.items)).toBe(true);
  });
});
