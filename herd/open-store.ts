/**
 * Opens the store of a network: in memory, or a folder that remembers whose it is. The seed fixes the
 * units' wallets, so another seed could not go on with what the folder holds.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import nodeProcess from 'node:process';
import { createMemoryStore } from '../arlocal/memory-store.js';
import { createSqliteStore } from '../arlocal/sqlite/sqlite-store.js';
import type { Store } from '../arlocal/store.js';
import { CorralError } from './errors.js';

const CARD = 'corral.json';

/**
 * @param ports of the network, for whoever finds the folder in use
 * @throws {STORE_OF_OTHER_SEED} and what `createSqliteStore` throws
 */
export function openStore(folder: string | undefined, seed: number, ports: string): Store {
  if (folder === undefined) return createMemoryStore();
  const since = new Date().toISOString();
  const store = createSqliteStore(folder, { holder: { pid: nodeProcess.pid, since, ports } });
  const path = join(folder, CARD);
  if (!existsSync(path)) {
    writeFileSync(path, `${JSON.stringify({ seed })}\n`);
    return store;
  }
  const card = JSON.parse(readFileSync(path, 'utf8')) as { seed: number };
  if (card.seed === seed) return store;
  store.close();
  throw new CorralError(
    'STORE_OF_OTHER_SEED',
    `the folder ${folder} holds a network of seed ${card.seed}, not ${seed}`,
    {
      hint: `Start with --seed ${card.seed}, or give another folder.`,
      details: { folder, seed, found: card.seed },
    },
  );
}
