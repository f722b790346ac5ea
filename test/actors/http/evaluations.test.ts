/** Whoever reads through large results lets others have the thread. */
import { expect, test } from 'vitest';
import { createVirtualClock } from '../../../actors/clock.js';
import { readEvaluations } from '../../../actors/http/evaluations.js';
import { createNodeApp } from '../../../actors/http/hyperbeam/node.js';
import { createGateway } from '../../../arlocal/gateway.js';
import { createMemoryStore } from '../../../arlocal/memory-store.js';
import { startNetwork } from '../kernel-module.js';
import { breathe } from '../stores.js';

test('large results are read with a breath after each, small ones without', async () => {
  let breaths = 0;
  const countBreath = () => {
    breaths++;
    return breathe();
  };
  const clock = createVirtualClock();
  const store = createMemoryStore();
  const gateway = createGateway({ store, now: () => clock.now(), breathe: countBreath });
  const { network, spawn } = await startNetwork({ clock, gateway });
  const nonces = async (process: string, from = 0) => {
    breaths = 0;
    const seen: number[] = [];
    for await (const { nonce } of readEvaluations(network, process, from)) seen.push(nonce);
    return seen;
  };
  const { id, eval: evaluate } = await spawn();
  for (let i = 0; i < 3; i++) await evaluate('1');
  expect(await nonces(id)).toEqual([0, 1, 2, 3]);
  expect(breaths).toBe(0);
  for (let i = 0; i < 3; i++) await evaluate(`string.rep('x', 1000000)`);
  expect(await nonces(id, 2)).toEqual([2, 3, 4, 5, 6]);
  expect(breaths).toBe(3);
  breaths = 0;
  expect((await createNodeApp(network).request(`/${id}/now`)).status).toBe(200);
  expect(breaths).toBe(3);
  await network.close();
});
