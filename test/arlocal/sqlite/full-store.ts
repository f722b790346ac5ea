/** A store with some of everything in it, and all that one can see of a store. */
import { signDataItem } from '../../../arlocal/data-item.js';
import { createGateway, type Gateway } from '../../../arlocal/gateway.js';
import { sha256 } from '../../../arlocal/hashing.js';
import { createSqliteStore } from '../../../arlocal/sqlite/sqlite-store.js';
import { walletFromSeed } from '../../../arlocal/wallet.js';
import { postL1, signL1 } from '../transactions.js';

const alice = walletFromSeed(5, 'alice');
const ALIAS = 'xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10';
const ITEMS = 60;
const now = () => 1_700_000_000_000;

export const openGateway = (folder: string): Gateway =>
  createGateway({ store: createSqliteStore(folder), now });

/** Fills a new folder and leaves it open. */
export async function fillStore(folder: string): Promise<Gateway> {
  const gateway = openGateway(folder);
  const { records } = gateway;
  for (let index = 0; index < ITEMS; index++) {
    const data = `item ${index} `.repeat(index * 5);
    const tags = [{ name: 'Index', value: String(index) }];
    const options = index === 7 ? { alias: ALIAS } : {};
    gateway.putItem(signDataItem(alice, { data, tags }), options);
    records
      ?.journal('results')
      .append(`process ${index % 3}`, Math.floor(index / 3), `${index}`, bytes(data));
    if (index % 20 === 0) gateway.mine();
  }
  gateway.putItem(signDataItem(alice, { data: new Uint8Array(400_000).fill(9) }));
  records?.cells('checkpoints').put('process 1', new Uint8Array(30_000).fill(3));
  records?.cells('counters').put('clock', bytes('17'));
  await postL1(gateway, { data: 'layer one', mint: 10n ** 13n });
  const upload = await signL1(gateway, { data: new Uint8Array(600_000).fill(4) });
  const { data: _, ...header } = upload.toJSON() as Record<string, unknown>;
  gateway.postTransaction({ ...header, data: '' });
  gateway.putChunk(upload.getChunk(0, upload.data));
  gateway.flush();
  gateway.putItem(signDataItem(alice, { data: 'the last one' }));
  gateway.flush();
  return gateway;
}

/** What is written when the folder was opened again. */
export function addMore(gateway: Gateway): void {
  for (let index = 0; index < 5; index++) {
    gateway.putItem(signDataItem(alice, { data: `more ${index}` }));
    gateway.records?.cells('counters').put(`more ${index}`, bytes('1'));
    gateway.flush();
  }
}

/** Everything that can be read, as one text. */
export function lookAt(gateway: Gateway): string {
  const { records } = gateway;
  const seen: unknown[] = [gateway.tip, gateway.pendingIds, gateway.weaveSize];
  for (let after: string | undefined; ; ) {
    const page = gateway.query({ first: 20, after, sort: 'HEIGHT_ASC' });
    for (const { entry, block, sequence } of page.edges) {
      const { quantity = 0n, reward = 0n, ...l1 } = entry.l1 ?? {};
      const data = text(gateway.data(entry.id));
      const balance = String(gateway.balance(entry.address));
      seen.push({
        ...entry,
        l1,
        quantity: `${quantity}`,
        reward: `${reward}`,
        block,
        sequence,
        data,
        balance,
      });
      seen.push(gateway.item(entry.id)?.id, gateway.lastTransaction(entry.address));
    }
    after = page.edges.at(-1)?.cursor;
    if (!page.hasNextPage) break;
  }
  seen.push(gateway.item(ALIAS)?.id);
  for (let index = 0; index < ITEMS; index += 9) {
    const tags = [{ name: 'Index', values: [String(index)] }];
    seen.push(gateway.query({ tags }).edges.map(({ entry }) => entry.id));
  }
  for (let height = 0; height <= gateway.height; height++) seen.push(gateway.block(height));
  for (const name of records?.names().journals ?? []) {
    const journal = records?.journal(name);
    for (const key of journal?.keys() ?? []) {
      seen.push(
        name,
        key,
        journal?.next(key),
        journal?.read(key, 0).map(text),
        journal?.find(key, '30'),
      );
    }
  }
  for (const name of records?.names().cells ?? []) {
    const cells = records?.cells(name);
    for (const key of cells?.keys() ?? []) seen.push(name, key, text(cells?.get(key)));
  }
  seen.push(chunkIn(gateway));
  return JSON.stringify(seen);
}

/** The piece of the data that has not all arrived. */
function chunkIn(gateway: Gateway): string {
  const { bytes: piece } = gateway.chunkAt('layer one'.length + 1);
  return text(piece);
}

function bytes(value: string): Uint8Array {
  return Buffer.from(value);
}

function text(value: Uint8Array | undefined): string {
  return value ? sha256(value).toString('hex') : 'nothing';
}
