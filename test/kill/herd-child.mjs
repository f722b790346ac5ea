/**
 * Run as a process of its own by herd-kill.test.ts: a whole herd over a folder, asked over HTTP until
 * it is killed. Arguments: folder, seed of this run, step at which it ends itself, counted from the
 * moment when it is ready. Requests that were answered with 202 are told on stdout.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { killAt } from './kill-at.mjs';

const [folder = '', run = '1', lastStep = '0'] = process.argv.slice(2);
const { writeSync } = fs;
const restart = killAt(Number(lastStep));

const { startCorral, signDataItem } = await import('../../dist/index.js');
const corral = await startCorral({
  db: folder,
  listen: false,
  workers: 1,
  keys: join(folder, '..', 'keys'),
  defender: false,
});
const { info, network } = corral;
const acknowledge = (acknowledged) => writeSync(1, `${JSON.stringify(acknowledged)}\n`);
const list = (tags) => Object.entries(tags).map(([name, value]) => ({ name, value }));
const asker = network.wallet('operator'); // has wAR from the start

/** Resolves when a worker has evaluated something. */
const nextAnswer = () =>
  new Promise((resolve) => {
    const stop = network.events.on('evaluated', ({ process }) => {
      if (!info.processes.workers.includes(process)) return;
      stop();
      resolve();
    });
  });

restart();
acknowledge({ kind: 'open' });
for (let turn = 0; ; turn++) {
  const reference = `${run}:${turn}`;
  const isTooPoor = turn % 3 === 2; // to be refunded
  const { item, bytes } = signDataItem(asker, {
    target: info.processes.war,
    anchor: reference.padStart(32, '.'),
    tags: list({
      'Data-Protocol': 'ao',
      Variant: 'ao.TN.1',
      Type: 'Message',
      Action: 'Transfer',
      Recipient: info.processes.herder,
      Quantity: isTooPoor ? '1' : '1000000000',
      'X-Prompt': `Count to ${turn}`,
      'X-Tokens': '3',
      'X-Reference': reference,
    }),
  });
  const response = await corral.fetch(info.urls.mu, { method: 'POST', body: Buffer.from(bytes) });
  if (response.status !== 202) throw new Error(await response.text());
  acknowledge({ kind: 'request', process: info.processes.war, id: item.id, reference });
  if (turn % 4 === 3) await nextAnswer();
}
