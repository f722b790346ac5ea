import { describe, expect, onTestFinished, test } from 'vitest';
import { createVirtualClock } from '../../actors/clock.js';
import { printedText } from '../../actors/compute/result.js';
import { createGateway } from '../../arlocal/gateway.js';
import { createMemoryStore } from '../../arlocal/memory-store.js';
import { bootHerd, PINNED, spawnUser } from '../../herd/herd.js';
import { publishModules } from '../../herd/modules.js';
import { createNetwork, type NetworkOptions } from '../../kit/network.js';

const COUNTER = `
Count = Count or 0
Handlers.add('Increment', 'Increment', function(msg)
  Count = Count + tonumber(msg.Tags.By or '1')
  msg.reply({ Action = 'Counted', Data = tostring(Count) })
end)`;

async function start(options: NetworkOptions = {}) {
  const network = await createNetwork(options);
  onTestFinished(() => network.close());
  return network;
}

describe('sending', () => {
  test('from the name of a wallet to a process, which answers', async () => {
    const network = await start();
    const counter = await network.spawn({ name: 'counter', source: COUNTER });
    const receipt = await network.send({ from: 'alice', to: counter, action: 'Increment' });
    expect(receipt.messages).toMatchObject([
      { action: 'Counted', from: counter.id, target: network.wallet('alice').address },
    ]);
    expect(receipt.errors).toEqual([]);
    expect(receipt.pending).toBe(0);
  });

  test('to a name, an id, a handle or a wallet is all the same', async () => {
    const network = await start();
    const counter = await network.spawn({ name: 'counter', source: COUNTER });
    for (const to of ['counter', counter.id, counter, network.process('counter')]) {
      await network.send({ from: network.wallet('alice'), to, action: 'Increment' });
    }
    expect(printedText((await counter.eval('Count')).result!)).toBe('4');
    const bob = network.wallet('bob');
    const { tree } = await network.send({ from: 'alice', to: 'bob', action: 'Hello' });
    expect(tree.target).toBe(bob.address);
    expect((await network.send({ from: 'alice', to: bob })).tree.target).toBe(bob.address);
  });

  test('through the handle, and dry', async () => {
    const network = await start();
    const counter = await network.spawn({ source: COUNTER });
    await counter.send({ from: 'alice', action: 'Increment', tags: { By: '41' } });
    const { messages } = await counter.dryRun({ from: 'bob', action: 'Increment' });
    expect(messages[0]).toMatchObject({ Target: network.wallet('bob').address, Data: '42' });
    expect(printedText((await counter.eval('Count')).result!)).toBe('41');
  });

  test('gives the same ids in every network of the seed, and others in another', async () => {
    const run = async (seed: number) => {
      const network = await start({ seed });
      const counter = await network.spawn({ source: COUNTER });
      const { id, messages } = await counter.send({ from: 'alice', action: 'Increment' });
      return [counter.id, id, messages[0]?.id, await network.stateHash(counter)];
    };
    expect(await run(7)).toEqual(await run(7));
    expect((await run(8))[0]).not.toBe((await run(7))[0]);
  });

  test('to nobody says who there is', async () => {
    const network = await start();
    await network.spawn({ name: 'counter' });
    network.wallet('alice');
    const send = (to: string) => network.send({ from: 'alice', to });
    await expect(send('Counter')).rejects.toMatchObject({
      code: 'UNKNOWN_NAME',
      message: 'nobody is called "Counter" here',
      hint: 'Known: "counter". A wallet is known once network.wallet(name) made it.',
    });
    await expect(send('')).rejects.toMatchObject({ code: 'UNKNOWN_NAME' });
    await expect(send('x'.repeat(42).concat('A'))).rejects.toMatchObject({
      code: 'UNKNOWN_PROCESS',
    });
  });

  test('to a name that two have is refused', async () => {
    const network = await start();
    await network.spawn({ name: 'twin' });
    await network.spawn({ name: 'twin' });
    await expect(network.send({ from: 'alice', to: 'twin' })).rejects.toMatchObject({
      code: 'AMBIGUOUS_NAME',
      message: '2 are called "twin"',
    });
  });

  test('from somebody who cannot sign is refused', async () => {
    const network = await start();
    const process = await network.spawn();
    const send = (from: unknown) => network.send({ from: from as string, to: process });
    await expect(send(process)).rejects.toMatchObject({ code: 'BAD_SENDER' });
    await expect(send(process.id)).rejects.toMatchObject({
      code: 'BAD_SENDER',
      hint: expect.stringContaining('network.impersonate'),
    });
    await expect(send(undefined)).rejects.toMatchObject({ code: 'BAD_SENDER' });
    await expect(send('')).rejects.toMatchObject({ code: 'BAD_SENDER' });
  });

  test('what is no text is refused before it is signed', async () => {
    const network = await start();
    const process = await network.spawn();
    const send = (rest: object) => network.send({ from: 'alice', to: process, ...rest });
    await expect(send({ tags: { Quantity: 5 } })).rejects.toMatchObject({
      code: 'BAD_OPTION',
      message: 'the tag Quantity is 5, not text',
    });
    await expect(send({ data: { a: 1 } })).rejects.toMatchObject({ code: 'BAD_OPTION' });
    await expect(send({ action: 5 })).rejects.toMatchObject({ code: 'BAD_OPTION' });
  });
});

describe('a network', () => {
  test('takes a herd as any other does', async () => {
    const network = await start({ seed: 7 });
    const modules = publishModules(network);
    const herd = await bootHerd(network, modules, { workers: 1 });
    const user = await spawnUser(network, modules.module, { name: 'user', war: 10n ** 12n });
    const { errors } = await user.eval(
      "Llama = require('@sam/Llama-Herder'); Llama.run('Once upon a time', 4, function(a) Answer = a end)",
    );
    expect(errors).toEqual([]);
    expect(printedText((await user.eval('Answer')).result!)).toMatch(/\w/);
    expect(network.names.get(PINNED.herder)).toBe('llama-herder');
    expect(network.idOf('wAR')).toBe(herd.processes.war);
    expect(await network.replay('llama-herder')).toBe(await network.stateHash('llama-herder'));
  });

  test('shares nothing with another', async () => {
    const [one, other] = [await start(), await start()];
    const process = await one.spawn({ name: 'here' });
    expect([...other.names.values()]).not.toContain('here');
    await expect(other.send({ from: 'alice', to: process })).rejects.toMatchObject({
      code: 'UNKNOWN_PROCESS',
    });
  });

  test('is disposed of, and takes nothing any more', async () => {
    const network = await createNetwork();
    const process = await network.spawn();
    await Promise.all([network[Symbol.asyncDispose](), network.close()]);
    await expect(process.eval('1')).rejects.toMatchObject({ code: 'NETWORK_CLOSED' });
  });

  test('goes on from a gateway of its user, with the names that are there', async () => {
    const gateway = createGateway({ store: createMemoryStore(), now: () => 1_735_689_600_000 });
    const network = await start({ gateway });
    expect(network.mining).toBe('manual');
    await network.spawn({ name: 'old' });
    expect(gateway.height).toBe(0);
  });

  test('tells its events', async () => {
    const network = await start();
    const heard: string[] = [];
    network.events.on('*', ({ type }) => heard.push(type));
    await network.spawn();
    expect(heard).toEqual(['scheduled', 'spawned', 'evaluated']);
    network.tell({ type: 'clock', nowMs: 1 });
    expect(heard.at(-1)).toBe('clock');
  });

  test('refuses options that contradict each other', async () => {
    const clock = createVirtualClock();
    const refused = (options: object) =>
      expect(createNetwork(options)).rejects.toMatchObject({ code: 'BAD_OPTION' });
    await refused({ clock, startAt: 0 });
    await refused({ time: 'wall' });
    await refused({ mining: 'often' });
    await refused({ mining: { every: 0 } });
    const gateway = createGateway({ store: createMemoryStore(), now: () => 0 });
    await refused({ gateway, mining: { every: '1m' } });
    await refused({ gateway: 'nowhere' });
    await refused({ sede: 7 });
  });
});
