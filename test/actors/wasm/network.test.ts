/** Processes of WebAssembly modules in a network: asleep, replayed, on a store, and unfit to live. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ActorNetwork, createNetwork } from '../../../actors/network.js';
import { createGateway } from '../../../arlocal/gateway.js';
import { createSqliteStore } from '../../../arlocal/sqlite/sqlite-store.js';
import { compileTally } from './tally.js';

let wasm: Uint8Array;
beforeAll(async () => {
  wasm = await compileTally();
});

async function spawnTally(network: ActorNetwork, tags: Record<string, string> = {}) {
  const from = network.wallet('alice');
  const module = network.publishModule({ wasm }, tags);
  const { id } = await network.spawn({ from, module, data: '+' });
  const tell = async (data: string) => (await network.send({ from, to: id, data })).result;
  return { id, tell };
}

test('processes that fall asleep go on as if nothing had happened', async () => {
  const network = await createNetwork({ limits: { liveMachines: 1 } });
  const [one, other] = [await spawnTally(network), await spawnTally(network)];
  for (const data of ['+', 'm', 'e', 's', 'a', 'c']) {
    for (const { tell } of [one, other]) await tell(data);
  }
  expect((await one.tell('+'))?.output).toBe('6');
  for (const { id } of [one, other]) {
    expect(await network.replay(id)).toBe(await network.stateHash(id));
  }
  await network.close();
});

test('a process goes on after a restart of its network', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corral-wasm-'));
  const open = async () => {
    const gateway = createGateway({ store: createSqliteStore(folder), now: () => 1 });
    const network = await createNetwork({ gateway });
    return { gateway, network };
  };
  try {
    const first = await open();
    const { id, tell } = await spawnTally(first.network);
    for (const data of ['+', 'm', 't', 's']) await tell(data);
    const hash = await first.network.stateHash(id);
    await first.network.close();
    await first.gateway.close();
    const second = await open();
    expect(await second.network.stateHash(id)).toBe(hash);
    const from = second.network.wallet('alice');
    expect((await second.network.send({ from, to: id, data: '+' })).result?.output).toBe('5');
    await second.network.close();
    await second.gateway.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('a module that is unfit', () => {
  test('says why when a process of it is to live', async () => {
    const network = await createNetwork();
    const { tell } = await spawnTally(network, { 'Memory-Limit': '128-kb' });
    const result = await tell('+');
    expect(result?.error?.text).toContain('begins with 262144 bytes of memory');
    await network.close();
  });

  test.each([
    ['Memory-Limit', '3-zb'],
    ['Memory-Limit', '5-gb'],
    ['Memory-Limit', '0'],
    ['Compute-Limit', 'abc'],
    ['Compute-Limit', '-1'],
    ['Extension', 'Foo'],
  ])('is refused when its %s is "%s"', async (name, value) => {
    const network = await createNetwork();
    await expect(spawnTally(network, { [name]: value })).rejects.toMatchObject({
      code: 'BAD_MODULE',
      message: expect.stringContaining(`has the ${name} "${value}"`),
    });
    await network.close();
  });
});
