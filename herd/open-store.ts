/**
 * Opens the store of a network: in memory, or a folder that remembers whose it is. The seed fixes the
 * units' wallets, so another seed could not go on with what the folder holds.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import nodeProcess from 'node:process';
import { identifyLua } from '../actors/lua/engine.js';
import { ArlocalError } from '../arlocal/errors.js';
import { createMemoryStore } from '../arlocal/memory-store.js';
import type { Records } from '../arlocal/records.js';
import { DATABASE } from '../arlocal/sqlite/database.js';
import { type Inspection, inspectSqliteStore } from '../arlocal/sqlite/inspect.js';
import type { Holder } from '../arlocal/sqlite/lock.js';
import { createSqliteStore } from '../arlocal/sqlite/sqlite-store.js';
import type { Store } from '../arlocal/store.js';
import { CorralError } from './errors.js';
import { VERSION } from './package-root.js';

/** What a folder says of the network in it. */
export interface NetworkCard {
  readonly seed: number;
  /** The Corrals that wrote into it, in the order in which they first did. */
  readonly writers?: readonly string[] | undefined;
}

/** Only for people: what counts is in the store. */
const CARD_FILE = 'corral.json';
const CARD = 'card';

/**
 * @param ports of the network, for whoever finds the folder in use
 * @throws {STORE_OF_OTHER_SEED} and what `createSqliteStore` throws
 */
export function openStore(folder: string | undefined, seed: number, ports: string): Store {
  if (folder === undefined) return createMemoryStore();
  const store = createSqliteStore(folder, { holder: holderOf(ports) });
  try {
    const card = readCard(store.records);
    if (card && card.seed !== seed) throw otherSeed(folder, seed, card.seed);
    const writers = card ? writersOf(card) : [];
    const own = nameWriter();
    if (!writers.includes(own)) writeCard(store.records, { seed, writers: [...writers, own] });
    writeFileSync(join(folder, CARD_FILE), `${JSON.stringify({ seed })}\n`);
    store.flush();
    return store;
  } catch (error) {
    store.close();
    throw error;
  }
}

/**
 * Opens the store of a network that does not run, to look through it.
 * @param purpose the command, for whoever finds the folder in use
 * @param onFound called before the files are compared with their checksums, which takes a while
 * @throws {STORE_UNUSABLE, STORE_IN_USE}, and STORE_DAMAGED if nothing in it can be read
 */
export function openToLook(folder: string, purpose: string, onFound?: () => void): Inspection {
  if (existsSync(join(folder, DATABASE))) onFound?.();
  try {
    return inspectSqliteStore(folder, holderOf(`none: ${purpose}`));
  } catch (error) {
    if (!(error instanceof ArlocalError) || error.code !== 'STORE_UNUSABLE') throw error;
    const reason = existsSync(folder) ? String(error.details.reason) : 'there is no such folder';
    throw unusable(folder, reason, 'Give the folder of a network, as `corral up --db` keeps it.');
  }
}

/** For commands about a folder that exists: a network could do without one, they cannot. */
export function unusable(folder: string, reason: string, hint: string): CorralError {
  const text = `the folder ${folder} cannot be used: ${reason}`;
  return new CorralError('STORE_UNUSABLE', text, { hint, details: { folder, reason } });
}

/** What somebody who finds a folder in use is told. */
export function holderOf(ports: string): Holder {
  return { pid: nodeProcess.pid, since: new Date().toISOString(), ports };
}

/** Names this Corral as a card does: its version, and its Lua machine, meter included. */
export function nameWriter(): string {
  return `${VERSION} ${identifyLua()}`;
}

export function writersOf({ writers }: NetworkCard): readonly string[] {
  return writers ?? ['one without a name'];
}

export function readCard(records: Records | undefined): NetworkCard | undefined {
  const bytes = records?.cells('network').get(CARD);
  return bytes && (JSON.parse(Buffer.from(bytes).toString('utf8')) as NetworkCard);
}

export function writeCard(records: Records | undefined, card: NetworkCard): void {
  records?.cells('network').put(CARD, Buffer.from(JSON.stringify(card)));
}

function otherSeed(folder: string, seed: number, found: number): CorralError {
  return new CorralError(
    'STORE_OF_OTHER_SEED',
    `the folder ${folder} holds a network of seed ${found}, not ${seed}`,
    {
      hint: `Start with --seed ${found}, or give another folder.`,
      details: { folder, seed, found },
    },
  );
}
