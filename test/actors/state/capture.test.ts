/** What is captured, when, and what two captures have in common. */
import { afterAll, describe, expect, test } from 'vitest';
import { createNetwork, type NetworkOptions } from '../../../actors/network.js';
import type { NetworkState } from '../../../actors/state/network-state.js';
import { createGateway } from '../../../arlocal/gateway.js';
import { createMemoryStore } from '../../../arlocal/memory-store.js';
import { kernelModule, printed, startNetwork } from '../kernel-module.js';
import { createStores } from '../stores.js';
import { compileTally } from '../wasm/tally.js';
import { differencesOf, happen, startWorld } from './world.js';

const code = (code: string) => expect.objectContaining({ code });

describe('two captures', () => {
  const memoryOf = (state: NetworkState, id = '') => {
    const saved = state.checkpoints.get(id)?.checkpoint;
    if (!saved || !('kind' in saved)) throw new Error(`${id} is not captured as it is`);
    return saved;
  };

  test('share what did not change between them', async () => {
    const world = await startWorld({ limits: { liveMachines: 16 } });
    const [busy = '', idle = ''] = world.processes;
    const one = await world.network.capture();
    await happen(world, { do: 'inc', who: 0 });
    const two = await world.network.capture();
    expect(memoryOf(two, idle)).toEqual(memoryOf(one, idle));
    const pagesOf = (state: NetworkState, id: string) => {
      const memory = memoryOf(state, id);
      return memory.kind === 'lua' ? memory.checkpoint.pages : undefined;
    };
    expect(pagesOf(two, idle)).toBe(pagesOf(one, idle));
    const old = new Set(pagesOf(one, busy));
    const fresh = pagesOf(two, busy)?.filter((page) => !old.has(page)).length ?? 0;
    expect(fresh).toBeGreaterThan(0);
    expect(fresh).toBeLessThan(old.size); // of a process that was told something, most pages
    for (const part of ['log', 'results'] as const) {
      expect(two[part].get(idle)).toBe(one[part].get(idle));
      expect(two[part].get(busy)?.length).toBe((one[part].get(busy)?.length ?? 0) + 1);
    }
    await world.network.close();
  });

  test('of a network to which nothing happened are nearly the same object', async () => {
    const { network } = await startWorld();
    const one = await network.capture();
    const two = await network.capture();
    expect(two.log).toBe(one.log);
    expect(two.results).toBe(one.results);
    expect(two.gateway.data).toBe(one.gateway.data);
    const fork = await createNetwork({ state: two, shared: network.shared });
    const three = await fork.capture();
    expect(three.log).toBe(one.log);
    expect(three.trace).toBe(two.trace);
    for (const [id, saved] of two.checkpoints) {
      expect(three.checkpoints.get(id)?.checkpoint).toBe(saved.checkpoint);
    }
    await fork.close();
    await network.close();
  });

  test('of a WebAssembly process share its pages until it writes on them', async () => {
    const world = await startWorld({ wasm: await compileTally() });
    const chunksOf = async () => {
      const memory = memoryOf(await world.network.capture(), world.tally);
      return memory.kind === 'wasm' ? memory.state.chunks : new Map<number, Uint8Array>();
    };
    const [one, same] = [await chunksOf(), await chunksOf()];
    const before = structuredClone(one);
    await happen(world, { do: 'tally' });
    const two = await chunksOf();
    for (const [number, chunk] of one) expect(same.get(number)).toBe(chunk);
    expect([...two].filter(([number, chunk]) => one.get(number) !== chunk)).not.toEqual([]);
    expect(structuredClone(one)).toEqual(before); // which the message did not write on
    await world.network.close();
  });
});

describe('a capture in the middle', () => {
  test('of a long crank has what waits, and both go on with it', async () => {
    const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));
    const world = await startWorld({ breathe });
    const rally = happen(world, { do: 'rally', who: 0, balls: 300 });
    await breathe();
    const state = await world.network.capture();
    expect(state.jobs.length).toBeGreaterThan(0);
    const fork = await createNetwork({ state, shared: world.network.shared });
    await Promise.all([rally, fork.resumed]);
    expect(await differencesOf(fork, world.network)).toEqual([]);
    await fork.close();
    await world.network.close();
  });

  test('asked for by who is told of a delivery changes nothing of its cascade', async () => {
    const world = await startWorld();
    const states: Promise<NetworkState>[] = [];
    const stop = world.network.events.on('sent', () => {
      states.push(world.network.capture());
    });
    await happen(world, { do: 'rally', who: 0, balls: 5 });
    stop();
    const straight = await startWorld();
    await happen(straight, { do: 'rally', who: 0, balls: 5 });
    expect(await differencesOf(world.network, straight.network)).toEqual([]);
    expect(await Promise.all(states)).toHaveLength(7);
    await world.network.close();
    await straight.network.close();
  });
});

describe('processes on compute threads', () => {
  const url = new URL('../tally-device.mjs', import.meta.url).href;
  const devices = [{ extension: 'Tally', url, options: { word: 'shared' } }];
  const start = async (options: NetworkOptions = {}) => {
    const { network, alice } = await startNetwork({ devices, ...options });
    const module = network.publishModule(kernelModule(), { Extension: 'Tally' });
    const { id } = await network.spawn({ from: alice, module });
    const add = (n: number, on = network) =>
      on.send({ from: alice, to: id, action: 'Eval', data: `return require('tally').add(${n})` });
    return { network, id, add };
  };

  test('have their devices in it', async () => {
    const { network, id, add } = await start();
    await add(5);
    const state = await network.capture();
    await add(100);
    const fork = await createNetwork({ state, shared: network.shared, devices });
    expect(printed(await add(1, fork))).toBe('6');
    expect(printed(await add(1))).toBe('106');
    expect(await fork.replay(id)).toBe(await fork.stateHash(id));
    await fork.close();
    await network.close();
  });

  test('come to the end of what they are evaluating', async () => {
    const { network, add } = await start();
    await add(5);
    const sent = add(7);
    const state = await network.capture();
    const fork = await createNetwork({ state, shared: network.shared, devices });
    await fork.resumed;
    await sent;
    expect(await differencesOf(fork, network)).toEqual([]);
    expect(printed(await add(1, fork))).toBe('13');
    await fork.close();
    await network.close();
  });
});

describe('a network', () => {
  const stores = createStores();
  afterAll(stores.remove);

  test('over a store that lasts has no snapshots', async () => {
    const opened = await stores.open('lasting');
    await expect(opened.network.capture()).rejects.toThrow(code('SNAPSHOT_NEEDS_MEMORY'));
    await opened.spawn('X = 1'); // and goes on
    await opened.close();
  });

  test('that was closed has none either', async () => {
    const { network } = await startNetwork();
    await network.close();
    await expect(network.capture()).rejects.toThrow(code('NETWORK_CLOSED'));
  });

  test('may go on over a gateway of its own that was made from the same state', async () => {
    const world = await startWorld();
    await happen(world, { do: 'inc', who: 0 });
    const state = await world.network.capture();
    const { indexes } = world.network.shared;
    const store = createMemoryStore({ state: state.gateway, indexes });
    const gateway = createGateway({ store, now: () => state.nowMs, blockIntervalMs: 1_000 });
    const fork = await createNetwork({ state, shared: world.network.shared, gateway });
    expect(await differencesOf(fork, world.network)).toEqual([]);
    expect(fork.gateway.query({ tags: [{ name: 'Type', values: ['Assignment'] }] }).edges).toEqual(
      world.network.gateway.query({ tags: [{ name: 'Type', values: ['Assignment'] }] }).edges,
    );
    await fork.close();
    await world.network.close();
  });
});
