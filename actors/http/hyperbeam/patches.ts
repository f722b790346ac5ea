/**
 * What a process shows of itself: messages with `device = patch@1.0` go to nobody, their other tags
 * are laid over what it showed before. `GET /{id}/now/balances/{address}` reads from that.
 *
 * @divergence HyperBEAM keeps this state with the process; here it is folded from the results, which
 *   are kept anyway.
 */

import type { OutboxMessage } from '../../compute/result.js';
import { isPatch } from '../../messenger/outbox.js';
import type { ActorNetwork } from '../../network.js';
import { readEvaluations } from '../evaluations.js';

/** Members by name, in lower case at the top as HyperBEAM has them. */
type Shown = Map<string, unknown>;

/** Processes whose state is remembered between two reads. */
const REMEMBERED_MAX = 100;

/** Tags of every message, which are no part of what it shows. */
const ENVELOPE = new Set(['data-protocol', 'device', 'method', 'reference', 'type', 'variant']);

export interface PatchReader {
  /**
   * What a process shows after a slot that has been evaluated: the member that the keys lead to, as
   * JSON; undefined if there is none.
   */
  read(process: string, slot: number, keys: readonly string[]): Promise<unknown>;
}

interface Folded {
  /** Evaluations that are in it. */
  length: number;
  readonly shown: Shown;
}

export function createPatchReader(network: ActorNetwork): PatchReader {
  const remembered = new Map<string, Folded>();
  return {
    async read(process, slot, keys) {
      const evaluations = network.units.compute.evaluations(process);
      const known = remembered.get(process);
      const last = known && evaluations.at(known.length - 1);
      const fits = last !== undefined && last.nonce <= slot;
      if (fits) remembered.delete(process); // whoever reads meanwhile folds anew
      const folded = known && fits ? known : { length: 0, shown: new Map() };
      await foldUntil(network, process, folded, slot);
      const value = shownPart(folded.shown, keys);
      if (folded.length >= (remembered.get(process)?.length ?? 1)) {
        remember(remembered, process, folded);
      }
      return value;
    },
  };
}

async function foldUntil(
  network: ActorNetwork,
  process: string,
  folded: Folded,
  slot: number,
): Promise<void> {
  for await (const { nonce, result } of readEvaluations(network, process, folded.length)) {
    if (nonce > slot) return;
    for (const message of result.messages) applyPatch(folded.shown, message);
    folded.length++;
  }
}

function remember(remembered: Map<string, Folded>, process: string, folded: Folded): void {
  remembered.delete(process);
  remembered.set(process, folded);
  const [oldest] = remembered.keys();
  if (remembered.size > REMEMBERED_MAX && oldest !== undefined) remembered.delete(oldest);
}

function shownPart(shown: Shown, keys: readonly string[]): unknown {
  let value: unknown = shown;
  for (const key of keys) value = value instanceof Map ? member(value, key) : undefined;
  return toJson(value);
}

function applyPatch(shown: Shown, message: OutboxMessage): void {
  if (!isPatch(message)) return;
  for (const tag of message.Tags as ({ name?: unknown; value?: unknown } | null)[]) {
    const key = String(tag?.name).toLowerCase();
    if (tag && !ENVELOPE.has(key)) lay(shown, key, tag.value);
  }
}

/** Tables are laid over tables member by member; anything else takes the place of what was there. */
function lay(over: Shown, key: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || (Array.isArray(value) && value.length > 0)) {
    over.set(key, value);
    return;
  }
  const before = over.get(key);
  const table: Shown = before instanceof Map ? before : new Map();
  if (table !== before) over.set(key, table);
  for (const [name, inner] of Object.entries(value)) lay(table, name, inner);
}

/** Addresses differ in case; other names may be written in any. */
function member(table: Shown, key: string): unknown {
  if (table.has(key)) return table.get(key);
  for (const [name, value] of table) if (name.toLowerCase() === key.toLowerCase()) return value;
  return undefined;
}

function toJson(value: unknown): unknown {
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([name, inner]) => [name, toJson(inner)]));
}
