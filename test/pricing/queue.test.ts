/** The price queue in text tables: one line per arrival, "name paid/fee", then the order of service. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bid, enqueue, isServedBefore } from '../../pricing/queue.js';

interface NamedBid extends Bid {
  readonly name: string;
}

function serve(table: string): string {
  let queue: readonly NamedBid[] = [];
  for (const [id, line] of table.trim().split('\n').entries()) {
    const [, name = '', paid = '', fee = ''] = /(\w+)\s+(\d+)\/(\d+)/.exec(line) ?? [];
    queue = enqueue(queue, { id, name, paid: BigInt(paid), fee: BigInt(fee) });
  }
  return queue.map(({ name }) => name).join(' ');
}

test('higher multipliers first, equal ones by arrival', () => {
  expect(
    serve(`
      a 54/27
      b 60/40
      c 20/10
      d 21/10
    `),
  ).toBe('d a c b');
});

test('equal multipliers of different size keep their order', () => {
  expect(
    serve(`
      small 1/1
      large 1000000000000/1000000000000
      middle 7/7
    `),
  ).toBe('small large middle');
});

test('tells multipliers apart that are one float', () => {
  // 1 and 1 + 2^-60: as floats both are exactly 1.
  expect(
    serve(`
      less 1152921504606846977/1152921504606846977
      more 1152921504606846978/1152921504606846977
    `),
  ).toBe('more less');
});

test('a request that is queued again keeps its place', () => {
  const first: Bid = { id: 0, paid: 10n, fee: 10n };
  const rest: Bid[] = [
    { id: 1, paid: 20n, fee: 10n },
    { id: 2, paid: 10n, fee: 10n },
  ];
  expect(enqueue(rest, first).map(({ id }) => id)).toEqual([1, 0, 2]);
});

test('is a stable sort by multiplier, whatever arrives', () => {
  const bids = fc.array(fc.record({ paid: fc.bigInt(1n, 30n), fee: fc.bigInt(1n, 10n) }), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(bids, (arrivals) => {
      const numbered = arrivals.map((bid, id) => ({ ...bid, id }));
      const queue = numbered.reduce<readonly Bid[]>((all, bid) => enqueue(all, bid), []);
      const sorted = [...numbered].sort((a, b) => (isServedBefore(a, b) ? -1 : 1));
      expect(queue).toEqual(sorted);
    }),
  );
});
