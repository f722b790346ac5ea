/** The crowd of the bench `million`, as far as it goes in a test. */
import { expect, test } from 'vitest';
import type { HistoryBound } from '../../actors/compute/forgetting.js';
import { startCrowd } from './crowd.js';

const MESSAGES = 3_000;

/** wAR of all accounts, and the supply. */
async function books(crowd: Awaited<ReturnType<typeof startCrowd>>): Promise<[bigint, bigint]> {
  const { network, herd } = crowd;
  const ask = async (action: string) => {
    const Tags = [{ name: 'Action', value: action }];
    return String((await network.dryRun(herd.processes.war, { Tags })).messages[0]?.Data);
  };
  const balances = Object.values(JSON.parse(await ask('Balances')) as Record<string, string>);
  return [balances.reduce((sum, it) => sum + BigInt(it), 0n), BigInt(await ask('Total-Supply'))];
}

async function run(seed: number, history: HistoryBound = 'all') {
  const crowd = await startCrowd({ seed, history });
  await crowd.runTo(MESSAGES);
  const hash = await crowd.hash();
  const [held, supply] = await books(crowd);
  await crowd.close();
  return { hash, held, supply };
}

test('a crowd at a herd: the same seed gives the same states, and all wAR is kept', async () => {
  const first = await run(1);
  expect(first.held).toBe(first.supply);
  expect((await run(1, { messages: 500 })).hash).toBe(first.hash); // whatever is forgotten
});
