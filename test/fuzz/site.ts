/**
 * A network to fuzz: all parts, a store on disk, processes that may be written to and one, the guard,
 * that nobody names and that therefore must stay as it is.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVirtualClock } from '../../actors/clock.js';
import { protocolTags } from '../../actors/items/protocol.js';
import type { ActorNetwork } from '../../actors/network.js';
import { signDataItem } from '../../arlocal/data-item.js';
import { createGateway } from '../../arlocal/gateway.js';
import type { Tag } from '../../arlocal/tags.js';
import { openStore } from '../../herd/open-store.js';
import { type Apps, createApps } from '../../herd/serve.js';
import { startNetwork } from '../actors/kernel-module.js';
import { signL1 } from '../arlocal/transactions.js';

export interface Site {
  readonly network: ActorNetwork;
  readonly apps: Apps;
  readonly module: string;
  /** Ids of all kinds that the network knows, the guard's left out. */
  readonly ids: readonly string[];
  readonly processes: readonly string[];
  /** JSON of signed transactions: one whole, one whose chunk is missing, and that chunk. */
  readonly transactions: readonly object[];
  readonly chunk: object;
  /** Throws if the guard was touched, or a log holds what nobody signed. */
  checkUntouched(): Promise<void>;
  close(): Promise<void>;
}

export const ECHO = `Handlers.add('echo', 'Echo', function(m) m.reply({ Data = m.Data }) end)`;

export async function openSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'corral-fuzz-'));
  const clock = createVirtualClock();
  const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));
  const gateway = createGateway({
    store: openStore(folder, 1, 'none'),
    now: () => clock.now(),
    breathe,
  });
  const limits = { messageBytes: 100_000, instructions: 5_000_000, crankDepth: 20 };
  const { network, module, alice, spawn } = await startNetwork({ gateway, clock, breathe, limits });
  const [one, two, guard] = [await spawn(ECHO), await spawn(ECHO), await spawn(ECHO)];
  const sent = await one.eval('Sent = 1');
  const noted = await network.send({ from: alice, to: alice.address, data: 'note' });
  const whole = (await signL1(gateway, { data: 'whole' })).toJSON();
  const inChunks = await signL1(gateway, { data: 'in chunks' });
  const chunk = inChunks.getChunk(0, Buffer.from('in chunks'));
  const hash = await network.stateHash(guard.id);
  const length = network.units.log.next(guard.id);
  return {
    network,
    apps: createApps(network, () => ({ version: 'fuzz' })),
    module,
    processes: [one.id, two.id],
    ids: [one.id, two.id, module, sent.id, noted.id, alice.address, gateway.tip.id],
    transactions: [whole, { ...inChunks.toJSON(), data: '' }],
    chunk,
    async checkUntouched() {
      if (network.units.log.next(guard.id) !== length) throw new Error('the guard was written to');
      if ((await network.stateHash(guard.id)) !== hash) throw new Error('the guard has changed');
    },
    async close() {
      await network.close();
      gateway.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A signed message or process, as a client makes it. */
export function signedItem(
  { network }: Site,
  from: string,
  fields: {
    type?: 'Message' | 'Process';
    target?: string;
    tags?: Tag[];
    data?: string | Uint8Array;
  },
): Uint8Array {
  const { type = 'Message', target, tags = [], data } = fields;
  return signDataItem(network.wallet(from), {
    tags: [...protocolTags(type), ...tags],
    ...(target === undefined ? {} : { target }),
    ...(data === undefined ? {} : { data }),
  }).bytes;
}
