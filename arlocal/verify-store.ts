/**
 * Verifying a store: everything in it is read, every id and signature is computed again, and so are
 * the blocks. Nobody has to be trusted but the keys that signed.
 *
 * Balances cannot be computed again, because winston may be minted from nowhere here; they are
 * compared with their checksums alone.
 */
import { blockId } from './blocks.js';
import { verifyDataItem } from './data-item.js';
import { toBase64Url } from './encoding.js';
import { ArlocalError } from './errors.js';
import { buildTree } from './merkle.js';
import type { Block, Entry, Store, Stored } from './store.js';
import { verifyTransaction } from './transaction.js';
import type { KeyCache } from './wallet.js';

/** Something that is not as it should be. */
export interface Finding {
  /** What it is about: a table and key, a file, or a process. */
  readonly place: string;
  readonly problem: string;
}

export interface VerifyOptions {
  readonly tell: (finding: Finding) => void;
  /** Told now and then how many things of a kind have been looked at, of how many. */
  readonly onProgress?: ((what: string, done: number, total: number) => void) | undefined;
}

export interface StoreFigures {
  readonly entries: number;
  readonly blocks: number;
  readonly records: number;
}

/** Entries between two words of progress. */
const PACE = 1_000;

export function verifyStore(store: Store, options: VerifyOptions): StoreFigures {
  const { tell } = options;
  const weave = verifyEntries(store, options);
  const blocks = verifyBlocks(store, weave, options);
  for (const address of store.accounts()) attempt(tell, () => store.balance(address));
  for (const root of store.chunkRoots()) attempt(tell, () => store.chunks(root));
  const records = readRecords(store, options);
  return { entries: store.sequenceEnd, blocks, records };
}

/** Turns what is thrown about damage into a finding, and goes on. */
export function attempt(tell: VerifyOptions['tell'], act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof ArlocalError)) throw error;
    tell(findingOf(error));
  }
}

export function findingOf({ code, message, details }: ArlocalError): Finding {
  if (code !== 'STORE_DAMAGED') return { place: code, problem: message };
  return { place: String(details.place), problem: String(details.reason) };
}

/** Where the weave ended once an entry had come, for each that made it longer. */
type Weave = readonly { readonly sequence: number; readonly weaveEnd: number }[];

function verifyEntries(store: Store, { tell, onProgress }: VerifyOptions): Weave {
  const total = store.sequenceEnd;
  const keys: KeyCache = new Map();
  const weave: Weave[number][] = [];
  for (let start = 1; start <= total; start += PACE) {
    onProgress?.('entries', start - 1, total);
    const ids = store.ids(start, Math.min(total, start + PACE - 1));
    const expected = Math.min(PACE, total - start + 1);
    if (ids.length !== expected) {
      const problem = `${expected - ids.length} of the entries from here on are missing`;
      tell({ place: `log ${start}`, problem });
    }
    for (const id of ids) {
      attempt(tell, () => {
        const stored = store.get(id);
        const weaveEnd = weave.at(-1)?.weaveEnd ?? 0;
        const problem = stored
          ? problemOf(store, stored, id, { weaveEnd, keys })
          : 'it cannot be found';
        if (problem !== undefined) tell({ place: `log ${stored?.sequence ?? ''} ${id}`, problem });
        const { l1, dataSize = 0 } = stored?.entry ?? {};
        if (stored && l1 && dataSize > 0)
          weave.push({ sequence: stored.sequence, weaveEnd: l1.weaveEnd });
      });
    }
  }
  onProgress?.('entries', total, total);
  return weave;
}

function problemOf(
  store: Store,
  { entry }: Stored,
  id: string,
  { weaveEnd, keys }: { weaveEnd: number; keys: KeyCache },
): string | undefined {
  const data = store.data(entry.dataKey);
  if (entry.id !== id) return `the entry under this id is ${entry.id}`;
  if (entry.alias !== '' && store.get(entry.alias)?.entry.id !== id)
    return `its alias ${entry.alias} leads to another entry`;
  const isSize = data?.length === entry.dataSize;
  // A transaction may say another size than the data of its root has; then it has none.
  if (data && !isSize && entry.l1 && isOfRoot(store, entry.l1.dataRoot, data))
    return transactionProblem(store, entry, undefined, weaveEnd);
  if (data && !isSize) return `its data has ${data.length} bytes, not ${entry.dataSize}`;
  return entry.l1
    ? transactionProblem(store, entry, data, weaveEnd)
    : itemProblem(entry, data, keys);
}

function itemProblem(
  entry: Entry,
  data: Uint8Array | undefined,
  keys: KeyCache,
): string | undefined {
  if (!data) return 'its data is missing';
  return verifyDataItem({ ...entry, data }, keys) ? undefined : 'it is not signed by its owner';
}

function transactionProblem(
  store: Store,
  entry: Entry,
  data: Uint8Array | undefined,
  weaveEnd: number,
): string | undefined {
  const { l1, dataSize } = entry;
  if (!l1) return undefined;
  if (!verifyTransaction(entry, data)) return 'it is not signed by its owner';
  if (dataSize > 0 && l1.weaveEnd !== weaveEnd + dataSize)
    return `its data ends at ${l1.weaveEnd} of the weave, not at ${weaveEnd + dataSize}`;
  if (l1.format === 1 || !data || data.length === 0) return undefined;
  return isOfRoot(store, l1.dataRoot, data) ? undefined : 'its data is not that of its data root';
}

/** Data that was cut oddly is taken: each piece has a proof of its own. */
function isOfRoot(store: Store, dataRoot: string, data: Uint8Array): boolean {
  if (dataRoot === '') return false;
  return store.chunks(dataRoot).length > 0 || toBase64Url(buildTree(data).root) === dataRoot;
}

function verifyBlocks(store: Store, weave: Weave, { tell, onProgress }: VerifyOptions): number {
  const count = (store.tip?.height ?? -1) + 1;
  let parent: Block | undefined;
  let [next, weaveSize] = [0, 0];
  for (let height = 0; height < count; height++) {
    if (height % PACE === 0) onProgress?.('blocks', height, count);
    attempt(tell, () => {
      const block = store.block(height);
      const place = `blocks ${height}`;
      if (!block) {
        tell({ place, problem: 'it is missing' });
        return;
      }
      const ids = store.ids((parent?.sequenceEnd ?? 0) + 1, block.sequenceEnd);
      if (block.id !== blockId({ ...block, previous: parent?.id ?? '' }, ids))
        tell({ place, problem: 'its id is not that of its entries and the block before it' });
      for (; (weave[next]?.sequence ?? Number.POSITIVE_INFINITY) <= block.sequenceEnd; next++)
        weaveSize = weave[next]?.weaveEnd ?? weaveSize;
      if (block.weaveSize !== weaveSize)
        tell({ place, problem: `its weave has ${block.weaveSize} bytes, not ${weaveSize}` });
      parent = block;
    });
  }
  return count;
}

/** Reads all records and cells, which compares their checksums. */
function readRecords(store: Store, { tell, onProgress }: VerifyOptions): number {
  const { records } = store;
  const { journals = [], cells = [] } = records?.names() ?? {};
  let count = 0;
  for (const name of journals) {
    const journal = records?.journal(name);
    for (const key of journal?.keys() ?? []) {
      onProgress?.(name, 0, 0);
      attempt(tell, () => {
        count += journal?.read(key, 0).length ?? 0;
      });
    }
  }
  for (const name of cells) {
    const values = records?.cells(name);
    for (const key of values?.keys() ?? []) {
      attempt(tell, () => void values?.get(key));
      count++;
    }
  }
  return count;
}
