/**
 * Run as a process of its own by kill.test.ts: a network over a folder, under load until it is killed.
 * Arguments: folder, seed of this run, step at which it ends itself (0: never). What has been
 * acknowledged is told on stdout, one line of JSON each.
 */
import fs from 'node:fs';
import { killAt } from './kill-at.mjs';

const [folder = '', run = '1', lastStep = '0'] = process.argv.slice(2);
const { writeSync } = fs;
killAt(Number(lastStep));

const { openWorld } = await import('./world.mjs');
const world = await openWorld(folder, Number(run));
const random = world.randomOf(`run ${run}`);
const pick = (list) => list[random.below(list.length)];

const TURN_MS = 50;
const acknowledge = (acknowledged) => writeSync(1, `${JSON.stringify(acknowledged)}\n`);
acknowledge({ kind: 'open' });
for (let turn = 0; ; turn++) {
  const place = `${run}:${turn}`;
  const sent = Array.from({ length: 1 + random.below(4) }, (_, index) =>
    world.act(pick(world.deeds), `${place}:${index}`, random),
  );
  await world.gateway.durable();
  for (const it of sent) acknowledge(it);
  if (random.below(3) === 0) await Promise.all(sent.map(({ idle }) => idle));
  world.pass(TURN_MS);
  if (random.below(5) === 0) await world.network.clock.tick();
}
