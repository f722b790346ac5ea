/** The kernel at the module ids that clients have written into them. */
import { expect, test } from 'vitest';
import { createNetwork } from '../../actors/network.js';
import { createGateway } from '../../arlocal/gateway.js';
import { createMemoryStore } from '../../arlocal/memory-store.js';
import { PINNED_MODULES, publishModules } from '../../herd/modules.js';
import { printed } from '../actors/kernel-module.js';

const plain = PINNED_MODULES.filter(({ llama = false }) => !llama);

test.each(plain)(
  'a process of the module $name knows the id it was spawned from',
  async (module) => {
    const network = await createNetwork();
    publishModules(network);
    const process = await network.spawn({ from: network.wallet('alice'), module: module.id });
    const receipt = await process.eval('ao._module .. " " .. ao.env.Module.Id');
    expect(printed(receipt)).toBe(`${module.id} ${module.id}`);
    await network.close();
  },
);

test('an id that a store has already keeps its program', async () => {
  const gateway = createGateway({ store: createMemoryStore(), now: () => 0 });
  const network = await createNetwork({ gateway });
  const [{ id } = { id: '' }] = PINNED_MODULES;
  const source = 'function handle() return [[{"ok":true,"response":{"Output":"old"}}]] end';
  network.publishModule({ entry: 'main', files: [{ name: 'main', source }] }, {}, id);
  publishModules(network);
  const process = await network.spawn({ from: network.wallet('alice'), module: id });
  expect(process.spawned.result?.output).toBe('old');
  await network.close();
});

test('one program at two ids answers at both', async () => {
  const network = await createNetwork();
  const source = 'function handle() return [[{"ok":true,"response":{"Output":"same"}}]] end';
  const program = { entry: 'main', files: [{ name: 'main', source }] };
  const own = network.publishModule(program);
  const ids = plain.map(({ id }) => network.publishModule(program, {}, id));
  expect(ids).toEqual(plain.map(({ id }) => id));
  for (const id of [own, ...ids]) {
    const process = await network.spawn({ from: network.wallet('alice'), module: id });
    expect(process.spawned.result?.output).toBe('same');
  }
  await network.close();
});
