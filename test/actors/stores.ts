/** Networks over a folder, and copies of the folder as a crash would leave it. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVirtualClock } from '../../actors/clock.js';
import type { ErrorReport } from '../../actors/errors.js';
import type { NetworkEvent } from '../../actors/events.js';
import type { ActorNetwork, NetworkOptions } from '../../actors/network.js';
import { createGateway, type Gateway } from '../../arlocal/gateway.js';
import { createSqliteStore } from '../../arlocal/sqlite/sqlite-store.js';
import { startNetwork } from './kernel-module.js';

export const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));

export interface Stores {
  /** A network over a folder of this name. */
  open(name: string, options?: NetworkOptions): ReturnType<typeof openNetwork>;
  /** What a crash at this moment would leave of a folder. */
  copy(from: string, to: string): void;
  path(name: string): string;
  remove(): void;
}

/** Folders under a temporary one. */
export function createStores(): Stores {
  const root = mkdtempSync(join(tmpdir(), 'corral-stores-'));
  const path = (name: string) => join(root, name);
  return {
    path,
    open: (name, options) => openNetwork(path(name), options),
    copy: (from, to) => cpSync(path(from), path(to), { recursive: true }),
    remove: () => rmSync(root, { recursive: true }),
  };
}

async function openNetwork(folder: string, options: NetworkOptions = {}) {
  const clock = options.clock ?? createVirtualClock();
  const store = createSqliteStore(folder);
  const gateway = createGateway({ store, now: () => clock.now(), breathe });
  const started = await startNetwork({ breathe, ...options, clock, gateway });
  const { network } = started;
  const events: NetworkEvent[] = [];
  network.events.on('*', (event) => events.push(event));
  const errors = (): ErrorReport[] =>
    events.flatMap((event) => (event.type === 'error' ? [event.error] : []));
  const evaluated = () => events.filter(({ type }) => type === 'evaluated').length;
  const close = async () => {
    await network.close();
    gateway.close();
  };
  return { ...started, gateway, events, errors, evaluated, close };
}

/** Everything that can be seen of a network's processes: logs, results, and states. */
export async function describeNetwork(network: ActorNetwork) {
  const { scheduler, log, compute } = network.units;
  const processes = [...scheduler.processes()].sort();
  return Promise.all(
    processes.map(async (id) => {
      const hash = await network.stateHash(id);
      const { length } = compute.evaluations(id);
      const results = Array.from({ length }, (_, i) => compute.evaluations(id).at(i));
      return { id, log: log.read(id, 0), results, hash };
    }),
  );
}

/** The messages that the messenger unit signed, which must be there once each. */
export function pushedIds(gateway: Gateway, network: ActorNetwork): string[] {
  const owners = [network.addresses.messenger];
  return gateway
    .query({ owners, first: 1000, sort: 'HEIGHT_ASC' })
    .edges.map(({ entry }) => entry.id)
    .sort();
}
