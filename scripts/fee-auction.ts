/**
 * Story: the queue is an auction. One worker is busy, three requests wait, and the one that pays
 * three times the fee is served before those that came earlier.
 */
import { stripVTControlCharacters } from 'node:util';
import { startCorral } from '../index.js';

const BIDS = [
  { name: 'early', multiplier: 1 },
  { name: 'patient', multiplier: 1 },
  { name: 'thrifty', multiplier: 1.5 },
  { name: 'urgent', multiplier: 3 },
];

const corral = await startCorral({ listen: false, clock: 'virtual', workers: 1 });
const { network, info } = corral;
const users = await Promise.all(
  BIDS.map(async ({ name, multiplier }) => {
    const user = await corral.spawnUser({ name, war: 1_000_000n });
    await user.eval('Llama.getPrices()');
    return { name, multiplier, user };
  }),
);
const served: string[] = [];
network.events.on('sent', ({ from, target, action }) => {
  if (from !== info.processes.herder || action !== 'Inference-Response') return;
  served.push(users.find(({ user }) => user.id === target)?.name ?? target);
});
network.events.on('evaluated', ({ process, output }) => {
  if (process === info.processes.herder && output) console.log(stripVTControlCharacters(output));
});

// All at once: nobody waits for anybody's answer before asking.
await Promise.all(
  users.map(({ name, multiplier, user }) =>
    user.eval(`Llama.run("Tell me about ${name} llamas", 12, nil, { Multiplier = ${multiplier} })`),
  ),
);
console.log(`\narrived: ${BIDS.map(({ name }) => name).join(', ')}`);
console.log(`served:  ${served.join(', ')}`);
await corral.close();
