/**
 * Posts what this gateway stores to the given one: items as bundles in transactions that a wallet of
 * the network signs, transactions of users as they are; in the order of the log, in the background.
 *
 * It has no timer: each call of `post` goes on where the last one ended. A gateway that is away, or
 * does not take what is posted, is told of once and tried again; meanwhile the log waits. Only a
 * user's transaction that is refused is passed over, because nobody else can sign it anew.
 *
 * Before it goes on it asks whether what it posted last is still there. A test gateway that was
 * emptied gets everything anew; of another one it is said, and nothing is paid twice.
 */
import { ArlocalError } from '../errors.js';
import { buildTree } from '../merkle.js';
import type { Cells } from '../records.js';
import { signTransaction, type TransactionJson, transactionToJson } from '../sign-transaction.js';
import type { Entry, Store } from '../store.js';
import type { Wallet } from '../wallet.js';
import { type Batch, bundleOf, createOutstanding } from './outstanding.js';
import type { Upstream } from './upstream.js';

export interface PosterOptions {
  readonly store: Store;
  readonly upstream: Upstream;
  /** Signs and pays for bundles; an RSA key. */
  readonly wallet: Wallet;
  /** Where it keeps how far it is, beside the log. */
  readonly cells: Cells;
  /** Resolves when what is stored is durable: nothing else is shown to anybody. */
  readonly durable: () => Promise<void>;
  readonly tell: (event: PosterEvent) => void;
}

export type PosterEvent =
  | { readonly kind: 'posted'; readonly transaction: string; readonly items: number }
  | { readonly kind: 'refused'; readonly transaction: string; readonly error: ArlocalError }
  /** Told once; everything waits, and nothing is lost. */
  | { readonly kind: 'stuck'; readonly error: ArlocalError }
  /** A test gateway was emptied: it gets everything anew. */
  | { readonly kind: 'lost'; readonly error: ArlocalError }
  /** What waited is being posted again. */
  | { readonly kind: 'going' };

export interface Poster {
  /**
   * Posts what waits. Resolves when nothing is left of what was stored when it was called, or the
   * gateway does not take it; never rejects for that.
   * @param patient true to leave a gateway alone for a while that has just failed, as for a timer
   */
  post(patient?: boolean): Promise<void>;
  /** Told of what was read from the gateway, which is not posted back. */
  skip(id: string): void;
  readonly state: PosterState;
}

export interface PosterState {
  readonly posted: number; // items and transactions, since the start
  readonly waiting: number; // entries of the log
  /** Why nothing is posted at the moment. */
  readonly problem: ArlocalError | undefined;
}

/** Longer data is posted in chunks: what ArLocal and nodes take in one request. */
const INLINE_BYTES_MAX = 8 * 1024 * 1024;
/** What a test gateway is asked for: 1,000 AR. */
const MINTED = 10n ** 15n;
const MEGABYTE = 1024 * 1024;
/** For a megabyte, the last one counted whole: 1 AR, far above what Arweave asks. */
const PRICE_MAX = 10n ** 12n;
/** Calls that a patient poster skips at most between two attempts. */
const PATIENCE_MAX = 32;

const BUNDLE_TAGS = [
  { name: 'Bundle-Format', value: 'binary' },
  { name: 'Bundle-Version', value: '2.0.0' },
  { name: 'App-Name', value: 'Corral' },
];

interface Core extends PosterOptions {
  readonly outstanding: ReturnType<typeof createOutstanding>;
  /** Owners that ArLocal has been told of. */
  readonly owners: Set<string>;
  /** Whether what an earlier run posted has been looked for. */
  isChecked: boolean;
  posted: number;
  problem: ArlocalError | undefined;
}

export function createPoster(options: PosterOptions): Poster {
  const { store, cells, upstream } = options;
  const outstanding = createOutstanding(store, cells, upstream.url);
  const core: Core = {
    ...options,
    outstanding,
    owners: new Set(),
    isChecked: false,
    posted: 0,
    problem: undefined,
  };
  let running: Promise<void> | undefined;
  let failures = 0;
  let calls = 0;

  const run = async () => {
    const isStuck = await drain(core);
    failures = isStuck ? failures + 1 : 0;
    calls = 0;
  };
  return {
    async post(patient = false) {
      const pause = failures === 0 ? 0 : Math.min(2 ** failures, PATIENCE_MAX);
      if (patient && ++calls <= pause) return;
      while (running) await running; // what was stored since is not in that run
      running = run().finally(() => {
        running = undefined;
      });
      await running;
    },
    skip: outstanding.skip,
    get state() {
      return { posted: core.posted, waiting: outstanding.waiting, problem: core.problem };
    },
  };
}

/** @returns whether something is left that the gateway does not take */
async function drain(core: Core): Promise<boolean> {
  const { store, outstanding, durable, tell } = core;
  const end = store.sequenceEnd;
  await durable();
  try {
    if (!core.isChecked || outstanding.next(end)) await checkLast(core);
    for (const entry of outstanding.payable) await payData(core, entry);
    for (let batch = outstanding.next(end); batch; batch = outstanding.next(end)) {
      await postBatch(core, batch);
      outstanding.settle(batch);
      if (core.problem) tell({ kind: 'going' });
      core.problem = undefined;
    }
    return false;
  } catch (error) {
    if (!(error instanceof ArlocalError)) throw error;
    if (core.problem?.code !== error.code) tell({ kind: 'stuck', error });
    core.problem = error;
    return true;
  }
}

/** @throws {UPSTREAM_LOST} if what was posted last is gone from a gateway that is not for tests */
async function checkLast(core: Core): Promise<void> {
  const { upstream, outstanding, owners, tell } = core;
  const { last } = outstanding;
  if (last !== undefined && !(await upstream.hasTransaction(last))) {
    const { url } = upstream;
    const error = new ArlocalError('UPSTREAM_LOST', { url, transaction: last });
    if (!upstream.isTest) throw error;
    outstanding.startOver();
    owners.clear();
    core.problem = error;
    tell({ kind: 'lost', error });
  }
  core.isChecked = true;
}

async function postBatch(core: Core, batch: Batch): Promise<void> {
  if (batch.kind === 'items') await postItems(core, batch.items);
  else await passTransaction(core, batch.entry);
}

async function postItems(core: Core, entries: readonly Entry[]): Promise<void> {
  const { store, upstream, wallet, tell } = core;
  const known = await upstream.known(entries.map(({ id }) => id));
  const items = entries.filter(({ id }) => !known.has(id));
  if (items.length === 0) return;
  const data = bundleOf(store, items);
  const reward = checkPrice(core, data.length, await upstream.price(data.length));
  await provideFunds(core, reward);
  await introduceOwners(core, items);
  const lastTx = await upstream.anchor();
  const signed = signTransaction(wallet, { data, tags: BUNDLE_TAGS, reward, lastTx });
  await send(core, signed.json, data);
  core.outstanding.remember(signed.id);
  core.posted += items.length;
  tell({ kind: 'posted', transaction: signed.id, items: items.length });
}

/** A user's own transaction: it pays for itself. */
async function passTransaction(core: Core, entry: Entry): Promise<void> {
  const { store, upstream, outstanding, tell } = core;
  const { id, dataSize, dataKey } = entry;
  if (await upstream.hasTransaction(id)) return;
  const data = dataSize > 0 ? store.data(dataKey) : new Uint8Array(0);
  await unlessRefused(core, id, async () => {
    await send(core, jsonOf(entry), data);
    outstanding.remember(id);
    if (!data) outstanding.owe(id);
    core.posted++;
    tell({ kind: 'posted', transaction: id, items: 0 });
  });
}

/** Data of a user's transaction that was uploaded after it. */
async function payData(core: Core, entry: Entry): Promise<void> {
  const { store, upstream, outstanding } = core;
  const data = store.data(entry.dataKey) ?? new Uint8Array(0);
  await unlessRefused(core, entry.id, () =>
    upstream.postChunks(jsonOf(entry), data, buildTree(data).chunks),
  );
  outstanding.forgive(entry.id);
}

async function unlessRefused(
  { tell }: Core,
  transaction: string,
  post: () => Promise<void>,
): Promise<void> {
  try {
    await post();
  } catch (error) {
    if (!(error instanceof ArlocalError) || error.code !== 'UPSTREAM_REFUSED') throw error;
    tell({ kind: 'refused', transaction, error });
  }
}

function jsonOf(entry: Entry): TransactionJson {
  const { l1 } = entry;
  if (!l1) throw new ArlocalError('NOT_FOUND', { what: 'L1 transaction', id: entry.id });
  return transactionToJson({ ...entry, ...l1, lastTx: entry.anchor, data: undefined });
}

/** @param data undefined if it has not all been uploaded: then only the transaction is posted */
async function send({ upstream }: Core, json: TransactionJson, data?: Uint8Array): Promise<void> {
  if (data && data.length <= INLINE_BYTES_MAX) {
    await upstream.postTransaction({ ...json, data: Buffer.from(data).toString('base64url') });
    return;
  }
  await upstream.postTransaction(json);
  if (data) await upstream.postChunks(json, data, buildTree(data).chunks);
}

/** The gateway says what its network costs, and could say anything. */
function checkPrice({ upstream: { url } }: Core, bytes: number, cost: bigint): bigint {
  const limit = BigInt(Math.ceil(bytes / MEGABYTE)) * PRICE_MAX;
  if (cost <= limit) return cost;
  const amounts = { cost: String(cost), limit: String(limit) };
  throw new ArlocalError('UPSTREAM_DEAR', { url, bytes, ...amounts });
}

async function provideFunds({ upstream, wallet: { address } }: Core, cost: bigint): Promise<void> {
  const balance = await upstream.balance(address);
  if (balance >= cost) return;
  if (!upstream.isTest) {
    const amounts = { balance: String(balance), cost: String(cost) };
    throw new ArlocalError('UPSTREAM_BALANCE_TOO_LOW', { url: upstream.url, address, ...amounts });
  }
  await upstream.mint(address, cost > MINTED ? cost : MINTED);
}

/** ArLocal drops items of owners that have no wallet there; nothing is enough to have one. */
async function introduceOwners(core: Core, items: readonly Entry[]): Promise<void> {
  const { upstream, owners } = core;
  if (!upstream.network.startsWith('arlocal.')) return;
  for (const { address } of items) {
    if (owners.has(address)) continue;
    await upstream.mint(address, 0n);
    owners.add(address);
  }
}
