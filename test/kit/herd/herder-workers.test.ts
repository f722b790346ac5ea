/** The herder and its workers, who answer, fail, fall silent, come and go; and strangers. */
import { describe, expect } from 'vitest';
import { as } from '../../../index.js';
import { corralTest } from '../../../kit/vitest/vitest.js';
import { answer, balanceOf, buildHired, fail, pay, printed, tick } from './world.js';

const test = corralTest(() => buildHired());

/** What a worker says about itself. */
const say = (from: string, action: string, tags: Record<string, string> = {}) => ({
  ...{ from, to: 'herder', action },
  tags,
});

describe('a worker that is silent', () => {
  test('keeps its job for ten minutes', async ({ network }) => {
    await network.send(pay('alice', 27));
    await network.clock.advance(599_999);
    expect(await network.send(tick)).not.toHaveMessage({ from: 'herder' });
  });

  test('is then replaced, and asked back', async ({ network }) => {
    await network.send(pay('alice', 27));
    await network.clock.advance('10m');
    const receipt = await network.send(tick);
    expect(receipt).toHaveMessages([
      { to: 'llama', action: 'Rejoin' },
      { to: 'spare', action: 'Inference', tags: { 'Job-Id': 1 } },
    ]);
    expect(printed(receipt)).toMatch(/Worker \S{6} did not answer in time/);
    expect(await network.send(answer('spare', 1, 'Here.'))).toHaveMessage({ to: 'alice' });
  });

  test.for(['Info', 'Cron', 'Set-Terms'])(
    'is noticed by any message: %s',
    async (action, { network }) => {
      await network.send(pay('alice', 27));
      await network.clock.advance('10m');
      const receipt = await network.send(say('eve', action));
      expect(receipt).toHaveMessage({ to: 'spare', action: 'Inference' });
    },
  );

  test('and is replaced is not heard any more, but works on', async ({ network, herder }) => {
    await network.send(pay('alice', 27));
    await network.clock.advance('10m');
    await network.send(tick);
    const late = await network.send(answer('llama', 1, 'At last.'));
    expect(late).not.toHaveMessage({ to: 'alice' });
    expect(printed(late)).toContain('LATE] Job 1');
    expect(await herder.read('Herder.idle')).toHaveLength(1);
  });

  test('and comes back while it waits is not hired twice', async ({ network, herder }) => {
    await network.send(pay('alice', 27));
    await network.clock.advance('10m');
    await network.send(tick);
    for (let twice = 0; twice < 2; twice++) await network.send(say('llama', 'Register-Worker'));
    expect(await herder.read('Herder.idle')).toHaveLength(1);
  });

  test('is asked ever more rarely: after 0, 10, 30, 70 minutes', async ({ network, addressOf }) => {
    await network.send(pay('alice', 27));
    const asked: number[] = [];
    for (let minutes = 0; minutes < 80; minutes += 10) {
      await network.clock.advance('10m');
      const { messages } = await network.send(tick);
      const toLlama = messages.filter(({ target }) => target === addressOf('llama'));
      if (toLlama.some(({ action }) => action === 'Rejoin')) asked.push(minutes);
    }
    expect(asked).toEqual([0, 10, 30, 70]);
  });

  test('because its message was held is heard once that is there, if it is in time', async ({
    network,
  }) => {
    await network.send(pay('alice', 27));
    network.faults.delay({ from: 'llama', to: 'herder' }, '9m');
    const receipt = await network.send(answer('llama', 1, 'Slow and steady.'));
    expect(receipt.pending).toBe(1);
    await network.clock.advance('9m');
    expect(receipt).toHaveMessage({ to: 'alice', data: 'Slow and steady.' });
  });

  test('because its message was lost costs the payer time and no wAR', async ({ network }) => {
    await network.send(pay('alice', 27));
    network.faults.drop({ from: 'llama', to: 'herder' });
    expect(await network.send(answer('llama', 1, 'Lost.'))).not.toHaveMessage({ to: 'alice' });
    await network.clock.advance('10m');
    await network.send(tick);
    expect(await network.send(answer('spare', 1, 'Found.'))).toHaveMessage({ to: 'alice' });
    expect(await balanceOf(network, 'alice')).toBe(973n);
  });
});

test('two that are late are replaced in an order that one can rely on', async ({ network }) => {
  await network.send(pay('alice', 27));
  await network.send(pay('bob', 54));
  await network.clock.advance('10m');
  const receipt = await network.send(tick);
  expect(receipt).toHaveMessage({ action: 'Rejoin' }, { times: 2 });
  await network.send(say('llama', 'Register-Worker'));
  expect(network).toHaveMessages([
    { to: 'llama', action: 'Rejoin' },
    { to: 'llama', action: 'Inference', tags: { 'Job-Id': 2 } },
  ]);
});

describe('a worker that fails', () => {
  test('by a fault of its own leaves, and the job goes on', async ({ network, herder }) => {
    await network.send(pay('alice', 27));
    const receipt = await network.send(fail('llama', 1, 'out of hay'));
    expect(receipt).toHaveMessage({ to: 'spare', action: 'Inference', tags: { 'Job-Id': 1 } });
    expect(await herder.read('Herder.idle')).toEqual([]);
    await network.clock.advance('10m');
    expect(await network.send(tick)).toHaveMessage({ to: 'llama', action: 'Rejoin' });
  });

  test('without a reason fails all the same', async ({ network }) => {
    await network.send(pay('alice', 27));
    const receipt = await network.send(say('llama', 'Inference-Error', { 'Job-Id': '1' }));
    expect(printed(receipt)).toContain('RETRY] unknown error');
  });

  test('by a fault of the request stays, and the payer has the money back', async ({ network }) => {
    await network.send(pay('alice', 27));
    const receipt = await network.send(fail('llama', 1, 'too long', { Fault: 'Request' }));
    expect(receipt).toHaveMessage({ to: 'alice', tags: { 'X-Reason': 'too long', Quantity: 27 } });
    expect(await network.send(pay('bob', 27))).toHaveMessage({ to: 'spare' });
    expect(await network.send(pay('bob', 27))).toHaveMessage({ to: 'llama' });
  });

  test('is the last of three: then the payer has the money back', async ({ network, admit }) => {
    for (const worker of ['third', 'fourth']) await network.send(admit(worker));
    await network.send(pay('alice', 27));
    await network.send(fail('llama', 1, 'out of hay'));
    await network.send(fail('spare', 1, 'out of hay'));
    const receipt = await network.send(fail('third', 1, 'out of hay'));
    expect(receipt).toHaveMessage({ to: 'alice', tags: { 'X-Reason': 'out of hay' } });
    expect(receipt).not.toHaveMessage({ to: 'fourth' });
  });

  test('with no text at all is suspended', async ({ network, herder, addressOf }) => {
    await network.send(pay('alice', 27));
    // Data that is no text does not reach a process, so a kernel would have to be told so.
    const silence = { Target: herder.id, From: addressOf('llama'), Owner: addressOf('llama') };
    const result = await herder.dryRun({
      ...silence,
      Tags: [
        { name: 'Action', value: 'Inference-Response' },
        { name: 'Job-Id', value: '1' },
      ],
      Data: 5 as unknown as string,
    });
    expect(JSON.stringify(result.messages)).toContain(addressOf('spare'));
  });
});

describe('a worker answers for its own job and no other', () => {
  test.for(['99', ''])('not job "%s"', async (job, { network }) => {
    await network.send(pay('alice', 27));
    const receipt = await network.send(answer('llama', 1, 'Hm.', { 'Job-Id': job }));
    expect(receipt).not.toHaveMessage({ to: 'alice' });
    expect(await network.send(answer('llama', 1, 'Oh.'))).toHaveMessage({ to: 'alice' });
  });

  test('not that of another worker', async ({ network }) => {
    await network.send(pay('alice', 27));
    expect(await network.send(answer('spare', 1, 'Hm.'))).not.toHaveMessage({ to: 'alice' });
    expect(await network.send(fail('spare', 1, 'Hm.'))).not.toHaveMessage({ to: 'alice' });
  });

  test('and not twice', async ({ network }) => {
    await network.send(pay('alice', 27));
    await network.send(answer('llama', 1, 'One.'));
    expect(await network.send(answer('llama', 1, 'Two.'))).not.toHaveMessage({ to: 'alice' });
  });
});

describe('a worker comes and goes', () => {
  test('with a job in hand that goes to another', async ({ network }) => {
    await network.send(pay('alice', 27));
    const receipt = await network.send(say('llama', 'Unregister-Worker'));
    expect(receipt).toHaveMessage({ to: 'spare', action: 'Inference' });
    expect(receipt).toHaveMessage({ to: 'llama', action: 'Worker-Unregistered' });
  });

  test('by its own will, and is not asked back', async ({ network, herder }) => {
    await network.send(say('spare', 'Unregister-Worker'));
    await network.clock.advance('1d');
    expect(await network.send(tick)).not.toHaveMessage({ from: herder });
    const back = await network.send(say('spare', 'Register-Worker'));
    expect(back).toHaveMessage({ to: 'spare', action: 'Worker-Registered' });
  });

  test('and keeps its job when it registers in the middle of it', async ({ network, herder }) => {
    await network.send(pay('alice', 27));
    await network.send(say('llama', 'Register-Worker'));
    expect(await herder.read('Herder.idle')).toHaveLength(1);
    expect(await network.send(answer('llama', 1, 'Here.'))).toHaveMessage({ to: 'alice' });
  });

  test('by the will of the owner for good', async ({ network, addressOf }) => {
    const Worker = addressOf('spare');
    const gone = await network.send(say('owner', 'Unregister-Worker', { Worker }));
    expect(gone).toHaveMessage({ to: 'owner', action: 'Worker-Unregistered', tags: { Worker } });
    const back = await network.send(say('spare', 'Register-Worker'));
    expect(back).toHaveMessage({
      to: 'spare',
      action: 'Worker-Refused',
      tags: { Error: 'The owner of the herder has not admitted you' },
    });
  });

  test('with a name, or that of its id', async ({ network, herder, addressOf }) => {
    const nameless = { Worker: addressOf('third') };
    await network.send(say('owner', 'Register-Worker', nameless));
    const admitted = await herder.read('Herder.admitted', as.record(as.string));
    expect(admitted[addressOf('llama')]).toBe('llama');
    expect(admitted[addressOf('third')]).toBe(addressOf('third').slice(0, 6));
  });
});

describe('a stranger', () => {
  test.for(['Register-Worker', 'Unregister-Worker'])(
    'is refused: %s',
    async (action, { network, addressOf }) => {
      for (const Worker of [addressOf('eve'), addressOf('llama')]) {
        const receipt = await network.send(say('eve', action, { Worker }));
        expect(receipt).toHaveMessages([{ to: 'eve', action: 'Worker-Refused' }], { exact: true });
      }
    },
  );

  test.for(['Inference-Response', 'Inference-Error'])(
    'is not heard: %s',
    async (action, { network }) => {
      await network.send(pay('alice', 27));
      const receipt = await network.send(say('eve', action, { 'Job-Id': '1' }));
      expect(receipt).not.toHaveMessage();
      expect(printed(receipt)).toMatch(/ERR\] .*from \S{6}: holds no job/);
    },
  );

  test('is not admitted by an owner who names nobody', async ({ network }) => {
    const receipt = await network.send(say('owner', 'Register-Worker'));
    expect(receipt).toHaveMessage({ to: 'owner', action: 'Worker-Refused' });
  });
});
