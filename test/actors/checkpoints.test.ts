/** Sleeping and waking: a checkpoint is a shortcut, and never changes what a process is. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDurableCheckpoints } from '../../actors/durable/durable-checkpoints.js';
import type { SavedState } from '../../actors/ports.js';
import type { Gateway } from '../../arlocal/gateway.js';
import { kernelModule, printed } from './kernel-module.js';
import { createStores, type Stores } from './stores.js';

let stores: Stores;
beforeAll(() => {
  stores = createStores();
});
afterAll(() => stores.remove());

const url = new URL('tally-device.mjs', import.meta.url).href;
const devices = [{ extension: 'Tally', url, options: { word: '' } }];

/** A network with a process that was told ten things, two of which failed. */
async function openWith(name: string, kind: 'plain' | 'device') {
  const opened = await stores.open(name, { devices });
  const { network, alice, module } = opened;
  const withDevice = network.publishModule(kernelModule(), { Extension: 'Tally' });
  const process = await network.spawn({
    from: alice,
    module: kind === 'device' ? withDevice : module,
    tags: { 'Cron-Interval': '10-seconds', 'Cron-Tag-Action': 'Tick' },
  });
  const add =
    kind === 'device' ? `require('tally').add(1)` : 'Count = (Count or 0) + 1; return Count';
  await process.eval(`Ticks = 0; Handlers.add('t', 'Tick', function() Ticks = Ticks + 1 end)`);
  for (let i = 0; i < 10; i++) await process.eval(i % 5 === 3 ? `${add}; error('no')` : add);
  await network.clock.advance(25_000);
  await process.eval('Co = coroutine.wrap(function() coroutine.yield(1) end); Co()');
  return { ...opened, process, add };
}

describe.each(['plain', 'device'] as const)('a %s process', (kind) => {
  test('is the same awake, woken from its checkpoint, and replayed', async () => {
    const first = await openWith(`same-${kind}`, kind);
    const { id } = first.process;
    const awake = await first.network.stateHash(id);
    expect(await first.network.replay(id)).toBe(awake);
    await first.close();
    const second = await stores.open(`same-${kind}`, { devices });
    const checkpoints = createDurableCheckpoints(second.gateway.records as never);
    const { length } = second.network.units.compute.evaluations(id);
    expect(checkpoints.take(id)?.evaluations).toBeGreaterThanOrEqual(length - 1);
    expect(await second.network.stateHash(id)).toBe(awake);
    expect(await second.network.replay(id)).toBe(awake);
    expect(second.errors()).toEqual([]);
    await second.close();
  });

  test.each<[string, string | undefined, (gateway: Gateway, id: string) => void]>([
    ['that was never taken', undefined, (gateway, id) => dropState(gateway, id, true)],
    ['that is missing', 'CHECKPOINT_DAMAGED', (gateway, id) => dropState(gateway, id, false)],
    ['that is of another process', 'CHECKPOINT_DAMAGED', (gateway, id) => swapState(gateway, id)],
    [
      'that is cut off',
      'CHECKPOINT_INVALID',
      (gateway, id) => changeState(gateway, id, ({ checkpoint }) => checkpoint.subarray(0, 1000)),
    ],
    [
      'of another kernel',
      'CHECKPOINT_FOREIGN',
      (gateway, id) =>
        changeState(gateway, id, ({ checkpoint }) =>
          checkpoint.with(20, 1 ^ (checkpoint[20] ?? 0)),
        ),
    ],
    [
      'of what is not known',
      'CHECKPOINT_DAMAGED',
      (gateway, id) => changeState(gateway, id, ({ checkpoint }) => checkpoint, 1000),
    ],
  ])('is replayed over a checkpoint %s, which is told', async (name, code, damage) => {
    const first = await openWith(`${name}-${kind}`, kind);
    const { id } = first.process;
    const awake = await first.network.stateHash(id);
    await first.network.close();
    damage(first.gateway, id);
    first.gateway.close();
    const second = await stores.open(`${name}-${kind}`, { devices });
    expect(await second.network.stateHash(id)).toBe(awake);
    expect(second.errors().map((error) => error.code)).toEqual(code ? [code] : []);
    const from = second.network.wallet('alice');
    const count = await second.network.send({ from, to: id, action: 'Eval', data: first.add });
    expect(printed(count)).toBe('9');
    await second.close();
  });
});

test('a process that was told much is woken from a checkpoint that a crash left', async () => {
  const first = await stores.open('much');
  const process = await first.spawn('Count = 0');
  for (let i = 0; i < 600; i++) await process.eval('Count = Count + 1');
  await first.gateway.durable();
  stores.copy('much', 'much-cut');
  const hash = await first.network.stateHash(process.id);
  await first.close();
  const second = await stores.open('much-cut');
  const { records } = second.gateway;
  const saved = records && createDurableCheckpoints(records).take(process.id);
  expect(saved?.evaluations).toBeGreaterThan(300);
  expect(await second.network.stateHash(process.id)).toBe(hash);
  await second.close();
});

test('processes beyond those that may be awake sleep in the store', async () => {
  const first = await stores.open('many', { limits: { liveMachines: 2 } });
  const processes = [];
  for (let i = 0; i < 5; i++) processes.push(await first.spawn(`Name = 'process ${i}'`));
  const hashes = [];
  for (const { id } of processes) hashes.push(await first.network.stateHash(id));
  await first.gateway.durable();
  stores.copy('many', 'many-cut');
  await first.close();
  const second = await stores.open('many-cut', { limits: { liveMachines: 2 } });
  for (const [i, { id }] of processes.entries()) {
    expect(await second.network.stateHash(id)).toBe(hashes[i]);
  }
  expect(second.errors()).toEqual([]);
  await second.close();
});

function dropState({ records }: Gateway, id: string, headToo: boolean): void {
  records?.cells('checkpoints').drop(id);
  if (headToo) records?.cells('checkpoint-heads').drop(id);
}

function swapState({ records }: Gateway, id: string): void {
  const state = records?.cells('checkpoints').get(id) ?? new Uint8Array();
  records?.cells('checkpoints').put(id, state.with(state.length - 1, 1 ^ (state.at(-1) ?? 0)));
}

/** Puts another state in the place of the last, with all that says it is right. */
function changeState(
  { records }: Gateway,
  id: string,
  change: (state: SavedState<Uint8Array>) => Uint8Array,
  evaluations?: number,
): void {
  const checkpoints = records && createDurableCheckpoints(records);
  const state = checkpoints?.take(id);
  if (!checkpoints || !state) throw new Error('there is no checkpoint to change');
  const checkpoint = change(state);
  checkpoints.put(id, { evaluations: evaluations ?? state.evaluations, checkpoint });
}
