/** Units over HTTP with a crank that is turned by hand, and while they are down. */
import { expect, test } from 'vitest';
import { createComputeApp } from '../../../actors/http/compute.js';
import { createMessengerApp } from '../../../actors/http/messenger.js';
import { createSchedulerApp } from '../../../actors/http/scheduler.js';
import { protocolTags } from '../../../actors/items/protocol.js';
import type { ActorNetwork, NetworkOptions } from '../../../actors/network.js';
import { signDataItem } from '../../../arlocal/data-item.js';
import { startNetwork } from '../kernel-module.js';

async function startUnits(options: NetworkOptions = {}) {
  const started = await startNetwork(options);
  const { network, alice } = started;
  const apps = {
    mu: createMessengerApp(network),
    su: createSchedulerApp(network),
    cu: createComputeApp(network),
  };
  const ask = async (app: keyof typeof apps, path: string, body?: Uint8Array) => {
    const init = body && { method: 'POST', body: Buffer.from(body) };
    const response = await apps[app].request(path, init);
    return { status: response.status, body: await response.json() };
  };
  const message = (target: string, data: string) => {
    const tags = [...protocolTags('Message'), { name: 'Action', value: 'Eval' }];
    return signDataItem(alice, { target, data, tags });
  };
  return { ...started, ask, message };
}

async function turn(network: ActorNetwork): Promise<void> {
  while (await network.step());
}

test('a messenger unit that is turned by hand answers as ever, and delivers by steps', async () => {
  const { network, alice, module, ask, message } = await startUnits({ crank: 'manual' });
  const { id: process } = await network.spawn({ from: alice, module });
  await turn(network);
  const { item, bytes } = message(process, '1 + 1');
  expect(await ask('mu', '/', bytes)).toEqual({
    status: 202,
    body: { message: 'Processing DataItem', id: item.id },
  });
  const again = await ask('mu', '/', bytes);
  expect(again).toMatchObject({ status: 400, body: { code: 'DUPLICATE_MESSAGE' } });
  const result = `/result/${item.id}?process-id=${process}`;
  expect(await ask('cu', result)).toMatchObject({ status: 404 });
  expect(network.pendingDeliveries()).toMatchObject([{ id: item.id, reason: 'step' }]);
  await turn(network);
  expect(await ask('cu', result)).toMatchObject({ body: { Output: { data: '2' } } });
  const assign = `/?process-id=${process}&assign=${item.id}`;
  expect(await ask('mu', assign, new Uint8Array())).toEqual({
    status: 202,
    body: { message: 'Processing Assignment' },
  });
  await network.close();
});

test('units that are down answer 503', async () => {
  const { network, alice, module, ask, message } = await startUnits();
  const { id: process } = await network.spawn({ from: alice, module });
  const known = message(process, '1 + 1');
  await ask('mu', '/', known.bytes);
  const down = (code: string) => ({ status: 503, body: { code } });
  network.faults.crash('mu');
  expect(await ask('mu', '/', message(process, '2').bytes)).toMatchObject(down('UNIT_DOWN'));
  network.faults.crash('su');
  expect(await ask('su', '/', message(process, '3').bytes)).toMatchObject(down('UNIT_DOWN'));
  const result = `/result/${known.item.id}?process-id=${process}`;
  const busy = network.faults.busy('cu', 1000);
  expect(await ask('cu', result)).toMatchObject(down('UNIT_BUSY'));
  await busy.end();
  network.faults.crash(process);
  expect(await ask('cu', result)).toMatchObject(down('PROCESS_DOWN'));
  await network.faults.clear();
  expect(await ask('cu', result)).toMatchObject({ body: { Output: { data: '2' } } });
  await network.close();
});
