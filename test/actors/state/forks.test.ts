/**
 * Whatever happens to a network, and however often it is captured and goes on elsewhere on the way: it
 * is the same as one to which the same happened in one go.
 */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ActorNetwork, createNetwork } from '../../../actors/network.js';
import type { NetworkState } from '../../../actors/state/network-state.js';
import { createShared } from '../../../actors/state/shared.js';
import { compileTally } from '../wasm/tally.js';
import { type Deed, differencesOf, FAULTS, happen, startWorld, type World } from './world.js';

let wasm: Uint8Array;
beforeAll(async () => {
  wasm = await compileTally();
});

const shared = createShared(); // of all worlds here, which differ in nothing but what happens to them

/** A world, and the network in which things happen to it. */
interface Beginning extends World {
  readonly begun: ActorNetwork;
  readonly close: () => Promise<unknown>;
}

async function begin(crank: 'auto' | 'manual' = 'auto'): Promise<Beginning> {
  const world = await startWorld({ shared, wasm });
  const { network } = world;
  if (crank === 'auto') return { ...world, begun: network, close: () => network.close() };
  const begun = await createNetwork({ state: await network.capture(), shared, crank });
  return { ...world, begun, close: () => Promise.all([network.close(), begun.close()]) };
}

const who = fc.nat({ max: 3 });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ do: fc.constantFrom('inc', 'fail', 'roll', 'breed', 'odd'), who }),
  fc.record({ do: fc.constant('rally'), who, balls: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ do: fc.constant('advance'), ms: fc.integer({ min: 1, max: 20_000 }) }),
  fc.record({ do: fc.constantFrom('mine', 'mint', 'write', 'tally') }),
  fc.record({ do: fc.constantFrom('monitor', 'unmonitor', 'dry-run', 'assign'), who }),
);

/** With messages that wait: for a step, for time, for a fault to end. */
const waiting: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 4, arbitrary: deed },
  { weight: 3, arbitrary: fc.constant({ do: 'step' }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom(...FAULTS), who }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('release', 'heal', 'restart', 'clear') }),
  },
);

/** Captures are numbered as they are taken; those who go back name one of them. */
const moves = (deeds: fc.Arbitrary<Deed>) =>
  fc.array(
    fc.oneof(
      { weight: 6, arbitrary: deeds },
      { weight: 2, arbitrary: fc.constant({ do: 'capture' as const }) },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constantFrom('fork' as const, 'revert' as const, 'clone' as const),
          to: fc.nat({ max: 5 }),
        }),
      },
    ),
    { minLength: 4, maxLength: 24 },
  );

type Move = ReturnType<typeof moves> extends fc.Arbitrary<(infer Value)[]> ? Value : never;

interface Saved {
  readonly state: NetworkState;
  readonly past: readonly Deed[];
}

/** Makes all the moves. @returns the network that is left, and what happened on the way to it */
async function play(world: Beginning, moves: readonly Move[]) {
  const opened = new Set([world.begun]);
  const saved: Saved[] = [{ state: await world.begun.capture(), past: [] }];
  let network = world.begun;
  let past: readonly Deed[] = [];
  for (const step of moves) {
    if (step.do === 'capture') {
      saved.push({ state: await network.capture(), past });
    } else if ('to' in step) {
      const { state, past: until } = saved[step.to % saved.length] as Saved;
      if (step.do === 'revert') await network.close();
      const from = step.do === 'clone' ? structuredClone(state) : state;
      network = await createNetwork({ state: from, shared });
      opened.add(network);
      past = until;
    } else {
      await happen(world, step, network);
      past = [...past, step];
    }
  }
  const close = () => Promise.all([world.close(), ...[...opened].map((one) => one.close())]);
  return { network, past, close };
}

/** Makes all the moves, and then the same again in one go. */
async function checkMoves(moves: readonly Move[], crank: 'auto' | 'manual') {
  const { network, past, close } = await play(await begin(crank), moves);
  const straight = await begin(crank);
  for (const one of past) await happen(straight, one, straight.begun);
  expect(await differencesOf(network, straight.begun)).toEqual([]);
  await network.faults.clear();
  await straight.begun.faults.clear();
  for await (const _ of network.deliveries()); // to the end of all that waits
  for await (const _ of straight.begun.deliveries());
  expect(await differencesOf(network, straight.begun)).toEqual([]);
  for (const id of [...straight.processes, straight.tally ?? '']) {
    expect(await network.replay(id)).toBe(await straight.begun.stateHash(id));
  }
  await close();
  await straight.close();
}

describe('a network that goes on from a captured one', () => {
  test('is as if it had never been captured', async () => {
    const property = fc.asyncProperty(moves(deed), (all) => checkMoves(all, 'auto'));
    await fc.assert(property, { numRuns: 12 });
  }, 120_000);

  test.each(['auto', 'manual'] as const)(
    'has what waits and all faults, crank %s',
    async (crank) => {
      const property = fc.asyncProperty(moves(waiting), (all) => checkMoves(all, crank));
      await fc.assert(property, { numRuns: 12 });
    },
    120_000,
  );

  test('does not see what happens to others, nor they what happens to it', async () => {
    const sequences = fc.array(fc.array(deed, { maxLength: 8 }), { minLength: 2, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(sequences, async (all) => {
        const world = await begin();
        await happen(world, { do: 'rally', who: 0, balls: 5 });
        const state = await world.network.capture();
        const before = structuredClone(state);
        const forks = await Promise.all(all.map(() => createNetwork({ state, shared })));
        const live = async (network: ActorNetwork, deeds: readonly Deed[]) => {
          for (const one of deeds) await happen(world, one, network);
        };
        await Promise.all(forks.map((fork, i) => live(fork, all[i] ?? [])));
        for (const [i, fork] of forks.entries()) {
          const straight = await begin();
          await happen(straight, { do: 'rally', who: 0, balls: 5 });
          await live(straight.network, all[i] ?? []);
          expect(await differencesOf(fork, straight.network)).toEqual([]);
          await straight.close();
        }
        expect(isDeepStrictEqual(structuredClone(state), before)).toBe(true);
        expect(isDeepStrictEqual((await world.network.capture()).log, before.log)).toBe(true);
        await Promise.all([world.network, ...forks].map((one) => one.close()));
      }),
      { numRuns: 6 },
    );
  }, 120_000);
});
