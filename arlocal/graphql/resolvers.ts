/**
 * How the gateway answers each field of the schema.
 */
import { anchorToBase64Url } from '../data-item.js';
import { ArlocalError } from '../errors.js';
import type { TagFilter } from '../filter.js';
import type { Gateway } from '../gateway.js';
import { type Located, pageSize, type Query } from '../query.js';
import type { Block } from '../store.js';
import { findTag } from '../tags.js';
import { type Budget, checkList } from './bounds.js';

/** Absent arguments may be undefined or null. */
type Maybe<T> = T | null | undefined;

interface Range {
  readonly min?: Maybe<number>;
  readonly max?: Maybe<number>;
}

type SortOrder = 'HEIGHT_ASC' | 'HEIGHT_DESC' | 'INGESTED_AT_ASC' | 'INGESTED_AT_DESC';

interface PageArguments {
  readonly ids?: Maybe<readonly string[]>;
  readonly first?: Maybe<number>;
  readonly after?: Maybe<string>;
  readonly sort?: Maybe<SortOrder>;
}

interface TransactionsArguments extends PageArguments {
  readonly owners?: Maybe<readonly string[]>;
  readonly recipients?: Maybe<readonly string[]>;
  readonly tags?: Maybe<readonly TagFilter[]>;
  readonly bundledIn?: Maybe<readonly string[]>;
  readonly block?: Maybe<Range>;
  readonly ingested_at?: Maybe<Range>;
}

interface BlocksArguments extends PageArguments {
  readonly height?: Maybe<Range>;
}

const WINSTON_PER_AR = 10n ** 12n;

export function createResolvers(gateway: Gateway) {
  return {
    async transaction({ id }: { id: string }, budget: Budget) {
      budget.takeEntries(1);
      await gateway.fetchMissing([id]);
      const located = gateway.locate(id);
      return located ? describeTransaction(located) : null;
    },
    async transactions(args: TransactionsArguments, budget: Budget) {
      const query = readQuery(args);
      budget.takePage(pageSize(query.first));
      await gateway.fetchMissing(query.ids ?? []);
      const page = gateway.query(query);
      return {
        pageInfo: { hasNextPage: page.hasNextPage },
        edges: page.edges.map((edge) => ({ cursor: edge.cursor, node: describeTransaction(edge) })),
        count() {
          budget.takeCount();
          return String(gateway.count(query)); // a scan, so only when asked for
        },
      };
    },
    block({ id }: { id?: Maybe<string> }, budget: Budget) {
      budget.takeEntries(1);
      const block = id ? gateway.block(id) : gateway.tip;
      return block ? describeBlock(block) : null;
    },
    blocks(args: BlocksArguments, budget: Budget) {
      budget.takePage(pageSize(args.first ?? undefined));
      return findBlocks(gateway, args);
    },
  };
}

function readQuery(args: TransactionsArguments): Query {
  const { ingested_at: ingested, block } = args;
  return {
    ids: checkList('ids', args.ids ?? undefined),
    owners: checkList('owners', args.owners ?? undefined),
    recipients: checkList('recipients', args.recipients ?? undefined),
    tags: checkTags(args.tags ?? undefined),
    bundledIn: checkList('bundledIn', args.bundledIn ?? undefined),
    blockMin: block?.min ?? undefined,
    blockMax: block?.max ?? undefined,
    receivedMsMin: ingested?.min == null ? undefined : ingested.min * 1000,
    receivedMsMax: ingested?.max == null ? undefined : ingested.max * 1000 + 999,
    first: args.first ?? undefined,
    after: args.after ?? undefined,
    // Entries are received in the order of their blocks, so both orders are the same one.
    sort: args.sort?.endsWith('ASC') ? 'HEIGHT_ASC' : 'HEIGHT_DESC',
  };
}

function checkTags(tags: readonly TagFilter[] | undefined) {
  checkList(
    'tags',
    tags?.flatMap(({ values }) => values),
  );
  return checkList('tags', tags);
}

function findBlocks(gateway: Gateway, args: BlocksArguments) {
  const isAscending = args.sort?.endsWith('ASC') ?? false;
  const first = pageSize(args.first ?? undefined);
  let low = Math.max(args.height?.min ?? 0, 0);
  let high = Math.min(args.height?.max ?? gateway.height, gateway.height);
  if (args.after) {
    const height = readHeight(args.after);
    if (isAscending) low = Math.max(low, height + 1);
    else high = Math.min(high, height - 1);
  }
  const ids = checkList('ids', args.ids ?? undefined);
  const named = ids && new Set(ids.flatMap((id) => gateway.block(id)?.height ?? []));
  const found: Block[] = [];
  for (const height of heightsIn(low, high, isAscending, named)) {
    if (found.length > first) break;
    found.push(gateway.block(height) as Block);
  }
  return {
    pageInfo: { hasNextPage: found.length > first },
    edges: found.slice(0, first).map((block) => ({
      cursor: Buffer.from(`block ${block.height}`).toString('base64url'),
      node: describeBlock(block),
    })),
  };
}

/** Heights of a range in order; of those that are named, if any are. */
function heightsIn(low: number, high: number, isAscending: boolean, named?: ReadonlySet<number>) {
  if (!named) return countBetween(low, high, isAscending);
  const inside = [...named].filter((height) => height >= low && height <= high);
  return inside.sort((a, b) => (isAscending ? a - b : b - a));
}

function* countBetween(low: number, high: number, isAscending: boolean): Iterable<number> {
  for (let step = 0; step <= high - low; step++) yield isAscending ? low + step : high - step;
}

function readHeight(cursor: string): number {
  const match = /^block (\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (!match) throw new ArlocalError('CURSOR_INVALID', { cursor });
  return Number(match[1]);
}

function describeTransaction({ entry, block }: Located) {
  const bundle = entry.bundledIn === '' ? null : { id: entry.bundledIn };
  return {
    id: entry.alias || entry.id,
    anchor: entry.l1 ? entry.anchor : anchorToBase64Url(entry.anchor),
    signature: entry.signature,
    recipient: entry.target,
    owner: { address: entry.address, key: entry.owner },
    fee: describeAmount(entry.l1?.reward ?? 0n),
    quantity: describeAmount(entry.l1?.quantity ?? 0n),
    data: { size: String(entry.dataSize), type: findTag(entry.tags, 'Content-Type') ?? null },
    tags: entry.tags,
    block: block ? describeBlock(block) : null,
    ingested_at: Math.floor(entry.receivedMs / 1000),
    bundledIn: bundle,
    parent: bundle,
  };
}

function describeBlock({ id, height, previous, timestampMs }: Block) {
  return { id, height, previous, timestamp: Math.floor(timestampMs / 1000) };
}

function describeAmount(winston: bigint) {
  const part = String(winston % WINSTON_PER_AR).padStart(12, '0');
  return { winston: String(winston), ar: `${winston / WINSTON_PER_AR}.${part}` };
}
