/** The index of a SQLite store over several segments: it answers as the store in memory does. */
import { expect, test } from 'vitest';
import { signDataItem } from '../../arlocal/data-item.js';
import { createGateway, type Gateway } from '../../arlocal/gateway.js';
import { createMemoryStore } from '../../arlocal/memory-store.js';
import type { Query } from '../../arlocal/query.js';
import { createSqliteStore } from '../../arlocal/sqlite/sqlite-store.js';
import { walletFromSeed } from '../../arlocal/wallet.js';
import { temporaryFolder } from './gateways.js';

const ENTRIES = 2_500; // two full segments and a part of a third
const wallets = ['alice', 'bob'].map((name) => walletFromSeed(3, name));

function fill(gateways: readonly Gateway[]): void {
  for (let index = 0; index < ENTRIES; index++) {
    const tags = [
      { name: 'Index', value: String(index) },
      { name: 'Tenth', value: String(index % 10) },
      ...(index % 700 === 0 ? [{ name: 'Rare', value: 'yes' }] : []),
    ];
    const signed = signDataItem(wallets[index % 2]!, { tags });
    for (const gateway of gateways) gateway.putItem(signed);
  }
}

const QUERIES: Record<string, Query> = {
  all: {},
  'a rare tag': { tags: [{ name: 'Rare', values: ['yes'] }] },
  'one entry': { tags: [{ name: 'Index', values: ['1024'] }] },
  'either of two': { tags: [{ name: 'Index', values: ['1023', '2048', '7'] }] },
  'two conditions': {
    tags: [
      { name: 'Tenth', values: ['0'] },
      { name: 'Rare', values: ['yes'] },
    ],
  },
  'an owner': { owners: [wallets[1]!.address] },
  nothing: { tags: [{ name: 'Index', values: ['-1'] }] },
  'no index helps': { tags: [{ name: 'Index', values: ['249*'], match: 'WILDCARD' }] },
};

/** Ids of all pages. */
function walk(gateway: Gateway, query: Query): string[] {
  const ids: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = gateway.query({ ...query, first: 300, after });
    ids.push(...page.edges.map(({ entry }) => entry.id));
    after = page.edges.at(-1)?.cursor;
    if (!page.hasNextPage) return ids;
  }
}

test('many segments answer as one log in memory, opened again too', () => {
  const folder = temporaryFolder();
  const now = () => 1_700_000_000_000;
  const open = () => createGateway({ store: createSqliteStore(folder), now });
  const memory = createGateway({ store: createMemoryStore(), now });
  const first = open();
  fill([memory, first]);
  const compare = (gateway: Gateway) => {
    for (const sort of ['HEIGHT_ASC', 'HEIGHT_DESC'] as const) {
      for (const [name, query] of Object.entries(QUERIES)) {
        const sorted = { ...query, sort };
        expect(walk(gateway, sorted), `${name}, ${sort}`).toEqual(walk(memory, sorted));
      }
    }
  };
  compare(first);
  first.close();
  const second = open();
  compare(second);
  second.close();
});
