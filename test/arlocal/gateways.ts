/**
 * Gateways for tests: one of each store, on a clock that the test moves.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createGateway, type Gateway } from '../../arlocal/gateway.js';
import { createMemoryStore } from '../../arlocal/memory-store.js';
import { createSqliteStore } from '../../arlocal/sqlite/sqlite-store.js';
import type { Store } from '../../arlocal/store.js';

export const STORES = ['memory', 'sqlite'] as const;

/** A folder that is removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'corral-arlocal-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function createStore(kind: (typeof STORES)[number]): Store {
  if (kind === 'memory') return createMemoryStore();
  const store = createSqliteStore(temporaryFolder());
  onTestFinished(() => store.close());
  return store;
}

export function createTestGateway(
  options: { kind?: (typeof STORES)[number]; blockIntervalMs?: number } = {},
): { gateway: Gateway; store: Store; clock: { nowMs: number } } {
  const clock = { nowMs: 1_700_000_000_000 };
  const store = createStore(options.kind ?? 'memory');
  const { blockIntervalMs } = options;
  const gateway = createGateway({ store, now: () => clock.nowMs, blockIntervalMs });
  return { gateway, store, clock };
}
