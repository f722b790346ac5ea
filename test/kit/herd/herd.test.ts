/** The herd as a whole: two real workers, users and a judge, when the network is not kind. */
import { expect } from 'vitest';
import {
  bootHerd,
  createModelledEngine,
  createNetwork,
  publishModules,
  spawnUser,
} from '../../../index.js';
import { corralTest, war } from '../../../kit/vitest/vitest.js';
import { LIFE } from './world.js';

const test = corralTest(async () => {
  const network = await createNetwork({ localDevices: [createModelledEngine({ seed: 1 })] });
  const modules = publishModules(network);
  const { processes } = await bootHerd(network, modules, { workers: 2 });
  // The modelled engine proves nothing, so nobody judges it.
  for (const id of [processes.herder, ...processes.workers]) {
    await network.eval(id, '(Herder or Worker).arbiter = nil');
  }
  const join = async (name: string) => {
    const from = network.wallet('people');
    const user = await spawnUser(network, modules.module, { name, from, war: 1000n });
    return network.process(user);
  };
  const [ada, ben] = [await join('ada'), await join('ben')];
  return { network, ada, ben };
});

const RUN = `Llama.run('${LIFE}', 8, function(text) Answer = text end)`;

test('a question, from the price to the answer', async ({ ada }) => {
  expect(await ada.eval(RUN)).toMatchTrace(`
    people -> ada  Eval
    └─ ada -> llama-herder  Info
       └─ llama-herder -> ada  Info-Response
          └─ ada -> wAR  Transfer
             ├─ wAR -> ada  Debit-Notice
             │    > New Message From wAR: Action = Debit-Notice
             └─ wAR -> llama-herder  Credit-Notice
                │ > [00:00.000 REQ]      Requested: 14 | Fee: 1.00x | In queue: 1 | Client: SDgcPd | Re…
                │ > [00:00.000 DISPATCH] Requested: 14 | Fee: 1.00x | In queue: 0 | Client: SDgcPd | Wo…
                └─ llama-herder -> llama-1  Inference
                   └─ llama-1 -> llama-herder  Inference-Response
                      │ > [00:00.000 RES]      1 tokens in 0.0 s | Client: SDgcPd | Worker: llama-1
                      └─ llama-herder -> ada  Inference-Response
  `);
});

test('two users at once, whatever overtakes what', async ({ network, ada, ben }) => {
  network.faults.reorder({}, { within: 6 });
  await expect(async () => {
    await Promise.all([ada.eval(RUN), ben.eval(RUN)]);
  }).toConserve(war(network));
  for (const user of [ada, ben]) expect(await user.read('Answer')).toMatch(/^\w/);
  await expect(network).toReplay();
});

test('a worker that is down: the other one answers, ten minutes later', async ({
  network,
  ada,
}) => {
  network.faults.crash('llama-1');
  await ada.eval(RUN);
  expect(await ada.read('Answer')).toBeUndefined();
  await network.clock.advance('10m');
  expect(await ada.read('Answer')).toMatch(/^\w/);
  expect(network).toHaveMessages([
    { from: 'llama-herder', to: 'llama-1', action: 'Inference' },
    { from: 'llama-herder', to: 'llama-2', action: 'Inference' },
    { from: 'llama-herder', to: ada, action: 'Inference-Response' },
  ]);
});

test('and is back in the herd when it is up', async ({ network, ada }) => {
  network.faults.crash('llama-1');
  await ada.eval(RUN);
  await network.clock.advance('10m');
  await network.faults.restart('llama-1');
  await network.clock.advance('10m');
  expect(await network.read('llama-herder', 'Herder.idle')).toHaveLength(2);
});

test('all of them down: after an hour the money is back', async ({ network, ada }) => {
  for (const worker of ['llama-1', 'llama-2']) network.faults.crash(worker);
  await ada.eval(RUN);
  await network.clock.advance('65m');
  expect(network).toHaveMessage({
    from: 'wAR',
    to: ada,
    action: 'Credit-Notice',
    tags: { Quantity: 15 },
  });
});

test('the herder cannot hear wAR for a while', async ({ network, ada }) => {
  network.faults.partition(['wAR'], ['llama-herder']);
  await ada.eval(RUN);
  expect(await ada.read('Answer')).toBeUndefined();
  await network.faults.heal();
  expect(await ada.read('Answer')).toMatch(/^\w/);
});
