/**
 * Blocks: mining closes one over everything that is pending.
 *
 * The rule. With no block interval (as ArLocal) a block is mined only when asked for. With one,
 * block n of a quiet network closes n intervals after genesis on the clock passed in: whenever the
 * gateway is asked to store something or for its height, the blocks that are due by then are mined
 * first, the oldest of them holding what was pending. No timer: time that nobody looks at costs
 * nothing, and the same clock gives the same blocks. Asking for a block works under both rules.
 */
import { ArlocalError } from './errors.js';
import { sha384 } from './hashing.js';
import type { Block, Store } from './store.js';

/** Blocks mined at one call, asked for or due: bounds a leap of the clock by years. */
export const MINE_COUNT_MAX = 10_000;

export interface Miner {
  readonly tip: Block;
  /** Mines what is due under the interval rule. */
  catchUp(): void;
  /** Mines now and answers the last block. @throws {BLOCK_COUNT_INVALID} */
  mine(count: number): Block;
  /** Ids of the entries that wait for their block. */
  readonly pendingIds: readonly string[];
  readonly pendingCount: number;
}

export function createMiner(
  store: Store,
  now: () => number,
  blockIntervalMs: number | undefined,
): Miner {
  let tip = store.tip ?? appendBlock(store, [], now());

  /** Read when they are needed: there may be many, and opening a store should not take longer. */
  function readPending(): readonly string[] {
    return tip.sequenceEnd < store.sequenceEnd
      ? store.ids(tip.sequenceEnd + 1, store.sequenceEnd)
      : [];
  }

  function close(atMs: number): void {
    tip = appendBlock(store, readPending(), atMs);
  }

  return {
    get tip() {
      return tip;
    },
    catchUp() {
      if (blockIntervalMs === undefined) return;
      const due = Math.floor((now() - tip.timestampMs) / blockIntervalMs);
      const dueMs = tip.timestampMs + due * blockIntervalMs;
      for (let left = Math.min(due, MINE_COUNT_MAX); left > 0; left--) {
        close(dueMs - (left - 1) * blockIntervalMs);
      }
    },
    mine(count) {
      if (!Number.isInteger(count) || count < 1 || count > MINE_COUNT_MAX) {
        throw new ArlocalError('BLOCK_COUNT_INVALID', { count, max: MINE_COUNT_MAX });
      }
      for (let left = count; left > 0; left--) close(now());
      return tip;
    },
    get pendingIds() {
      return readPending();
    },
    get pendingCount() {
      return store.sequenceEnd - tip.sequenceEnd;
    },
  };
}

/** The id of a block over the entries with these ids. */
export function blockId(
  { previous, height, timestampMs }: Pick<Block, 'previous' | 'height' | 'timestampMs'>,
  ids: readonly string[],
): string {
  const content = [`${previous} ${height} ${timestampMs}`, ...ids].join('\n');
  return sha384(Buffer.from(content)).toString('base64url');
}

/** The block over all entries since the last one. Its id commits to theirs and to its parent. */
function appendBlock(store: Store, ids: readonly string[], atMs: number): Block {
  const parent = store.tip;
  const height = parent ? parent.height + 1 : 0;
  const previous = parent?.id ?? '';
  const timestampMs = Math.max(atMs, parent?.timestampMs ?? 0);
  const block: Block = {
    height,
    id: blockId({ previous, height, timestampMs }, ids),
    previous,
    timestampMs,
    sequenceEnd: store.sequenceEnd,
    weaveSize: store.weaveEnd,
  };
  store.appendBlock(block);
  return block;
}
