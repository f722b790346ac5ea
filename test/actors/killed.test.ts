/** What is left of a network whose program was killed, with what it acknowledged. */
import { spawn as spawnChild } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { printed } from './kernel-module.js';
import { createStores, pushedIds, type Stores } from './stores.js';

let stores: Stores;
beforeAll(() => {
  stores = createStores();
});
afterAll(() => stores.remove());

/** Runs the program until it has acknowledged so many messages, and kills it. @returns their ids */
async function killAfter(count: number, args: string[]): Promise<string[]> {
  const program = fileURLToPath(new URL('killed-network.mjs', import.meta.url));
  const child = spawnChild(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ids: string[] = [];
  for await (const id of createInterface({ input: child.stdout })) {
    ids.push(id);
    if (ids.length === count) child.kill('SIGKILL');
  }
  return ids;
}

test('each acknowledged message was evaluated once, and its answers were sent once', async () => {
  const first = await stores.open('killed');
  const listener = await first.spawn(`Heard = 0
    Handlers.add('heard', 'Counted', function() Heard = Heard + 1 end)`);
  const counter = await first.spawn(`Total = 0
    Handlers.add('count', 'Count', function()
      Total = Total + 1
      Send({ Target = '${listener.id}', Action = 'Counted' })
    end)`);
  await first.close();

  const acknowledged: string[] = [];
  for (const count of [1, 7, 40]) {
    acknowledged.push(...(await killAfter(count, [stores.path('killed'), counter.id])));
  }

  const last = await stores.open('killed');
  const { network, gateway, errors } = last;
  await network.resumed;
  const { log, compute } = network.units;
  for (const id of acknowledged) expect(log.find(counter.id, id)).toBeDefined();
  const counts = log.next(counter.id) - 2; // after its Process item and its code
  expect(counts).toBeGreaterThanOrEqual(acknowledged.length);
  expect(compute.evaluations(counter.id).length).toBe(log.next(counter.id));
  expect(pushedIds(gateway, network)).toHaveLength(counts);
  const from = network.wallet('alice');
  const ask = async (to: string, data: string) =>
    printed(await network.send({ from, to, action: 'Eval', data }));
  expect(await ask(counter.id, 'Total')).toBe(`${counts}`);
  expect(await ask(listener.id, 'Heard')).toBe(`${counts}`);
  expect(errors()).toEqual([]);
  for (const { id } of [counter, listener]) {
    expect(await network.replay(id)).toBe(await network.stateHash(id));
  }
  await last.close();
});
