/**
 * The fixture: a world that is built once, and that every test has to itself. Each test gets a fork of
 * its network and the same processes on it, so tests may run in any order, or all at once.
 */
import { afterAll, beforeAll, type TestAPI, test } from 'vitest';
import { KitError, show } from '../errors.js';
import type { Network } from '../network-api.js';
import { showHints } from './hints.js';
import { moveWorld } from './move-world.js';

/** A network, or an object with one and whatever else the tests of a file want. */
export type World = Network | { readonly network: Network };

/** What tests get from a world: its fields, or the network alone. */
export type Fixtures<Built extends World> = Built extends Network
  ? { readonly network: Network }
  : Built;

export interface WorldOptions {
  /** Milliseconds that building may take. @default 60000 */
  readonly timeout?: number;
}

const BUILD_TIMEOUT_MS = 60_000;

/** Names that vitest's own context has. */
const TAKEN = ['task', 'expect', 'skip', 'annotate', 'signal', 'onTestFailed', 'onTestFinished'];

/**
 * vitest's `test` with a world: what `build` answers is what tests destructure.
 *
 * Processes, and lists, Maps and plain objects of them, are handed to each test on its own network.
 * What else a world holds is handed over as it is: a function that closes over the network of `build`
 * would act on the world itself, which fails the test with WORLD_CHANGED.
 *
 * @example
 * const test = corralTest(async () => {
 *   const network = await createNetwork();
 *   return { network, counter: await network.spawn({ file: 'counter.lua' }) };
 * });
 * test('counts', async ({ network, counter }) => {
 *   const receipt = await network.send({ from: 'alice', to: counter, action: 'Increment' });
 *   expect(receipt).toHaveMessage({ to: 'alice', data: '1' });
 * });
 */
export function corralTest<Built extends World>(
  build: () => Built | Promise<Built>,
  { timeout = BUILD_TIMEOUT_MS }: WorldOptions = {},
): TestAPI<Fixtures<Built>> {
  const worlds = keepWorld(build);
  // Before the tests of the file, or of the describe around it: theirs is a shorter time.
  beforeAll(() => Promise.allSettled([worlds.open()]), timeout);
  afterAll(worlds.close);
  const extended = test.extend<{ corral: undefined }>({
    corral: [
      async ({ task }, use) => {
        const world = await worlds.open();
        const { network, fixtures } = await world.fork();
        Object.assign(task.context, fixtures);
        await use(undefined);
        showHints({ task });
        await network.close();
        world.check();
      },
      { auto: true },
    ],
  });
  return extended as unknown as TestAPI<Fixtures<Built>>;
}

/** Builds a world once; what fails then fails every test. */
function keepWorld(build: () => World | Promise<World>) {
  let opening: Promise<SharedWorld> | undefined;
  let world: SharedWorld | undefined;
  return {
    async open(): Promise<SharedWorld> {
      opening ??= shareWorld(build);
      world = await opening;
      return world;
    },
    async close(): Promise<void> {
      await world?.close();
      world = undefined;
      opening = undefined;
    },
  };
}

interface SharedWorld {
  fork(): Promise<{ network: Network; fixtures: object }>;
  /** @throws {WORLD_CHANGED} if a test changed it and not its own network */
  check(): void;
  close(): Promise<void>;
}

async function shareWorld(build: () => World | Promise<World>): Promise<SharedWorld> {
  const built: unknown = await build();
  const fields = toFields(built);
  const { network } = fields;
  const snapshot = await network.snapshot();
  let change: string | undefined;
  const stop = network.events.on('*', ({ type }) => {
    if (CHANGES.includes(type)) change ??= type;
  });
  return {
    async fork() {
      const fork = await network.fork(snapshot);
      return { network: fork, fixtures: moveWorld(fields, network, fork) };
    },
    check() {
      if (change === undefined) return;
      const what = change;
      change = undefined;
      // Below the message, because it is too late for a hint: the test is over.
      const hint = 'Use the network and the processes that the test is given.';
      const text = `a test changed the world itself (${what}), and not its own network\n  ${hint}`;
      throw new KitError('WORLD_CHANGED', text, { hint });
    },
    async close() {
      stop();
      await network.close();
    },
  };
}

const CHANGES = ['scheduled', 'spawned', 'sent', 'cron'];

/** @throws {BAD_WORLD} */
function toFields(built: unknown): { readonly network: Network } {
  if (isNetwork(built)) return { network: built };
  const fields = (built ?? {}) as { readonly network?: unknown };
  if (!isNetwork(fields.network)) {
    throw new KitError('BAD_WORLD', `corralTest built ${show(built)}, which has no network`, {
      hint: 'Return the network, or { network, ... } with what the tests want.',
    });
  }
  const taken = Object.keys(fields).find((name) => TAKEN.includes(name));
  if (taken === undefined) return fields as { network: Network };
  throw new KitError('BAD_WORLD', `the world has a field ${taken}, as vitest's own context has`, {
    hint: 'Give it another name.',
  });
}

function isNetwork(value: unknown): value is Network {
  const { fork, snapshot } = (value ?? {}) as Partial<Network>;
  return typeof fork === 'function' && typeof snapshot === 'function';
}
