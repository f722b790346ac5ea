import { describe, expect, test } from 'vitest';
import {
  decodeCursor,
  encodeCursor,
  type Ordinate,
  pageOf,
} from '../../../actors/compute/cursors.js';

const at = (nonce: number, timestampMs: number, cron?: string): Ordinate => ({
  nonce,
  timestampMs,
  ...(cron === undefined ? {} : { cron }),
});
const entries = [
  at(0, 100),
  at(1, 100),
  at(1, 200, '0-1-second'),
  at(1, 200, '1-1-second'),
  at(1, 300, '0-1-second'),
  at(2, 300),
  at(3, 400),
];
const nodes = (query: Parameters<typeof pageOf>[1]) =>
  pageOf(entries, query, 25, (entry) => entries.indexOf(entry));

test('a page ends where it gets large, and says that there is more', () => {
  const entries = [at(0, 1), at(1, 2), at(2, 3)];
  const large = 'x'.repeat(7 * 1024 * 1024);
  const page = pageOf(entries, {}, 25, () => ({ large }));
  expect(page).toMatchObject({ edges: { length: 2 }, hasNextPage: true });
  const rest = pageOf(entries, { from: page.edges[1]?.cursor }, 25, () => ({ large }));
  expect(rest).toMatchObject({ edges: { length: 1 }, hasNextPage: false });
});

test('a page has one entry at least, however large', () => {
  const entries = [at(0, 1), at(1, 2), at(2, 3)];
  const larger = 'x'.repeat(17 * 1024 * 1024);
  for (const sort of ['ASC', 'DESC'] as const) {
    const page = pageOf(entries, { sort }, 25, () => larger);
    expect(page).toMatchObject({ edges: { length: 1 }, hasNextPage: true });
  }
});

describe('cursors', () => {
  test('are base64 JSON with the keys that clients take apart', () => {
    const cursor = encodeCursor(at(7, 1234, '0-10-minutes'), 'DESC');
    expect(JSON.parse(Buffer.from(cursor, 'base64').toString())).toEqual({
      timestamp: 1234,
      ordinate: '7',
      cron: '0-10-minutes',
      sort: 'DESC',
    });
    expect(decodeCursor(cursor)).toEqual(at(7, 1234, '0-10-minutes'));
  });

  test.each(['', 'nonsense', 'eyJhIjoxfQ==', 'bnVsbA==', 'W10='])('refuse "%s"', (text) => {
    expect(() => decodeCursor(text)).toThrow(expect.objectContaining({ code: 'BAD_CURSOR' }));
  });
});

describe('a page', () => {
  test.each(['ASC', 'DESC'] as const)(
    'after a page %s continues it without gap or overlap',
    (sort) => {
      const all: number[] = [];
      let from: string | undefined;
      for (;;) {
        const { edges, hasNextPage } = nodes({ from, sort, limit: 2 });
        all.push(...edges.map(({ node }) => node));
        from = edges.at(-1)?.cursor;
        if (!hasNextPage) break;
      }
      const order = entries.map((_, i) => i);
      expect(all).toEqual(sort === 'ASC' ? order : order.reverse());
    },
  );

  test('leaves out from and includes to, as cursors or as timestamps', () => {
    const ids = (query: Parameters<typeof pageOf>[1]) => nodes(query).edges.map(({ node }) => node);
    const [from, to] = [at(1, 100), at(1, 300, '0-1-second')].map((it) => encodeCursor(it, 'ASC'));
    expect(ids({ from, to })).toEqual([2, 3, 4]);
    expect(ids({ from: '100', to: '300' })).toEqual([2, 3, 4, 5]);
    expect(ids({ from: to, to: from, sort: 'DESC' })).toEqual([3, 2, 1]);
    expect(ids({ limit: 0 })).toEqual([]);
  });
});
