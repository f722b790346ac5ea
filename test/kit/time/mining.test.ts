import { expect, onTestFinished, test } from 'vitest';
import { signDataItem } from '../../../arlocal/data-item.js';
import { createNetwork, type NetworkOptions } from '../../../kit/network.js';

const NOTES = `Heights = {}
Handlers.add('Note', 'Note', function(msg) table.insert(Heights, msg['Block-Height']) end)
Handlers.add('Twice', 'Twice', function(msg)
  for _ = 1, 2 do ao.send({ Target = ao.id, Action = 'Note' }) end
end)`;

async function start(options: NetworkOptions) {
  const network = await createNetwork(options);
  onTestFinished(() => network.close());
  return { network, process: await network.spawn({ source: NOTES }) };
}

test('time mines a block every two minutes, as on Arweave, unless told otherwise', async () => {
  const { network, process } = await start({});
  expect(network.mining).toEqual({ every: '2m' });
  const { height } = network.gateway;
  await process.send({ from: 'alice', action: 'Note' });
  expect(network.gateway.height).toBe(height);
  await network.clock.advance('10m');
  expect(network.gateway.height).toBe(height + 5);
  const quick = await start({ mining: { every: '10s' } });
  await quick.network.clock.advance('1m');
  expect(quick.network.gateway.height).toBe(6);
});

test('an instant block closes over each message from outside and what it set off', async () => {
  const { network, process } = await start({ mining: 'instant' });
  const { height } = network.gateway;
  await process.send({ from: 'alice', action: 'Twice' });
  await process.send({ from: 'alice', action: 'Note' });
  expect(network.gateway.height).toBe(height + 2);
  expect(await process.read('Heights')).toEqual([height, height, height + 1]);
  expect(network.gateway.pendingCount).toBe(0);
  await network.clock.advance('1h');
  expect(network.gateway.height).toBe(height + 2);
});

test('an instant block closes over what comes in signed, and over assignments', async () => {
  const { network, process } = await start({ mining: 'instant' });
  const { height } = network.gateway;
  const tags = [
    { name: 'Data-Protocol', value: 'ao' },
    { name: 'Type', value: 'Message' },
  ];
  const signed = signDataItem(network.wallet('alice'), { target: process.id, tags, data: '1' });
  await network.submit(signed.bytes);
  expect(network.gateway.height).toBe(height + 1);
  const other = await network.spawn();
  await network.assign(other, signed.item.id);
  expect(network.gateway.height).toBe(height + 3);
});

test('nothing but mine mines by hand', async () => {
  const { network, process } = await start({ mining: 'manual' });
  await process.send({ from: 'alice', action: 'Note' });
  await network.clock.advance('1d');
  expect(network.gateway.height).toBe(0);
  expect((await network.mine()).height).toBe(1);
  expect((await network.mine(9)).height).toBe(10);
  await expect(network.mine(0)).rejects.toMatchObject({ code: 'BLOCK_COUNT_INVALID' });
});
