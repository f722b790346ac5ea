/** Much work in one go: breaths on the way, and bounds; the results are the same without. */
import { describe, expect, test } from 'vitest';
import { createVirtualClock, createWallClock } from '../../actors/clock.js';
import type { NetworkOptions } from '../../actors/network.js';
import { BREATH_GAS, createPace } from '../../actors/pace.js';
import { printed, startNetwork } from './kernel-module.js';
import { describeNetwork } from './stores.js';

/** Counts its crons, and works a little for each. */
const BUSY = `Handlers.prepend('c', function(m) return m.Cron end, function()
  for i = 1, 100000 do end
  N = (N or 0) + 1
end)`;
const EVERY_SECOND = { 'Cron-Interval': '1-second', 'Cron-Tag-Action': 'C' };
const EVERY_BLOCK = { 'Cron-Interval': '1-block', 'Cron-Tag-Action': 'C' };

/** A network that counts its breaths. */
async function startBreathing(options: NetworkOptions = {}) {
  const breaths: number[] = [];
  const breathe = () => {
    breaths.push(breaths.length);
    return new Promise<void>((resolve) => setImmediate(resolve));
  };
  return { ...(await startNetwork({ breathe, ...options })), breaths };
}

describe('a pace', () => {
  test('is due for a breath after so much gas, and those who wait share it', async () => {
    let breaths = 0;
    const pace = createPace(async () => {
      breaths++;
    });
    pace.spend(BREATH_GAS - 1);
    expect(pace.isDue).toBe(false);
    pace.spend(1);
    expect(pace.isDue).toBe(true);
    await Promise.all([pace.breathe(), pace.breathe()]);
    expect([pace.isDue, breaths]).toEqual([false, 1]);
    await pace.breathe();
    expect(breaths).toBe(2);
  });
});

describe('catching up on crons', () => {
  test('gives the thread to others on the way', async () => {
    const { network, spawn, breaths } = await startBreathing();
    const a = await spawn(BUSY, EVERY_BLOCK);
    const b = await spawn();
    const before = breaths.length;
    network.gateway.mine(300);
    const order: string[] = [];
    const reading = network.crons(a.id, { limit: 1 }).then(() => order.push('caught up'));
    await b.eval('1').then(() => order.push('another'));
    await reading;
    expect(order).toEqual(['another', 'caught up']);
    expect(breaths.length - before).toBeGreaterThan(10);
    expect(printed(await a.eval('N'))).toBe('300');
    await network.close();
  });

  test('a message is evaluated at once where nothing stands before it', async () => {
    const { network, alice, spawn, breaths } = await startBreathing();
    const a = await spawn();
    const before = breaths.length;
    for (let i = 0; i < 5; i++) {
      const sent = network.send({
        from: alice,
        to: a.id,
        action: 'Eval',
        data: 'for i = 1, 1e6 do end',
      });
      expect(network.units.compute.evaluations(a.id)).toHaveLength(i + 2); // nobody had the thread
      await sent;
    }
    expect(breaths).toHaveLength(before);
    await network.close();
  });

  test.each([
    ['time', EVERY_SECOND],
    ['blocks', EVERY_BLOCK],
  ])('is bounded for one call, and the next goes on: %s', async (kind, tags) => {
    const clock = createVirtualClock();
    const { network, spawn } = await startNetwork({ clock, limits: { cronBacklog: 100 } });
    const a = await spawn(BUSY, tags);
    const b = await spawn(BUSY, tags);
    const start = network.units.compute.evaluations(a.id).length;
    if (kind === 'time') clock.set(clock.now() + 250_000);
    else network.gateway.mine(250);
    const counted = () => network.units.compute.evaluations(a.id).length - start;
    const refused = { code: 'CRON_BACKLOG', details: { process: a.id, limit: 100, got: 250 } };
    await expect(network.crons(a.id)).rejects.toMatchObject(refused);
    expect(counted()).toBe(100);
    await expect(a.dryRun({ Data: '1' })).rejects.toMatchObject({ code: 'CRON_BACKLOG' });
    expect(counted()).toBe(200);
    await network.crons(a.id);
    expect(counted()).toBe(250);
    await expect(network.crons(b.id)).rejects.toMatchObject({ code: 'CRON_BACKLOG' });
    expect(printed(await b.eval('N'))).toBe('250'); // a message needs what stands before it
    for (const { id } of [a, b]) {
      expect(await network.replay(id)).toBe(await network.stateHash(id));
    }
    await network.close();
  });

  test('takes messages that only the scheduler unit has into account', async () => {
    const clock = createVirtualClock();
    const limits = { cronBacklog: 100 };
    const { network, alice, spawn } = await startNetwork({ clock, limits });
    const a = await spawn(BUSY, EVERY_SECOND);
    const { scheduler, log } = network.units;
    const source = await spawn();
    for (const seconds of [60, 60, 60]) {
      clock.set(clock.now() + seconds * 1000);
      const { id } = await network.send({ from: alice, to: source.id, action: 'Eval', data: '1' });
      scheduler.assign(a.id, id);
    }
    clock.set(clock.now() + 60_000);
    await expect(network.crons(a.id)).rejects.toMatchObject({ code: 'CRON_BACKLOG' });
    const evaluated = network.units.compute.evaluations(a.id).at(-1);
    expect(evaluated?.nonce).toBe(log.next(a.id) - 3);
    await expect(network.crons(a.id)).rejects.toMatchObject({ code: 'CRON_BACKLOG' });
    await network.crons(a.id);
    expect(network.units.compute.evaluations(a.id).at(-1)?.nonce).toBe(log.next(a.id) - 1);
    expect(printed(await a.eval('N'))).toBe('240');
    expect(await network.replay(a.id)).toBe(await network.stateHash(a.id));
    await network.close();
  });
});

describe('virtual time', () => {
  /** Messages from several processes to one, some of which have crons to catch up on. */
  async function play(options: NetworkOptions, breaths: number[] = []) {
    const { network, spawn } = await startNetwork({ clock: createVirtualClock(), ...options });
    const sink = await spawn(`Handlers.add('note', 'Note', function(m)
      Heard = (Heard or '') .. m.From .. m.Data .. ' ' end)`);
    const relay = `${BUSY}
      Handlers.add('go', 'Go', function(m)
        Send({ Target = '${sink.id}', Action = 'Note', Data = tostring(N) }) end)`;
    const relays = [];
    for (const tags of [EVERY_SECOND, {}, EVERY_BLOCK, {}]) relays.push(await spawn(relay, tags));
    const targets = relays.map(({ id }) => `'${id}'`).join(', ');
    const before = breaths.length;
    for (let round = 0; round < 3; round++) {
      await network.clock.advance(60_000);
      network.gateway.mine(40);
      await sink.eval(`for _, id in ipairs({ ${targets} }) do Send({ Target = id, Action = 'Go' }) end
        Assign({ Processes = { ${targets} }, Message = ao.env.Process.Id })`);
    }
    const taken = breaths.length - before;
    const seen = await describeNetwork(network);
    await network.close();
    return { seen, taken };
  }

  test('has the same order of messages, whoever breathes', async () => {
    const still = await play({});
    const breaths: number[] = [];
    const breathe = (turns: number) => async () => {
      breaths.push(turns);
      for (let i = 0; i < turns; i++) await new Promise<void>((resolve) => setImmediate(resolve));
    };
    for (const turns of [0, 1, 5]) {
      const { seen, taken } = await play({ breathe: breathe(turns) }, breaths);
      expect(taken).toBeGreaterThan(10);
      expect(seen).toEqual(still.seen);
    }
  });
});

test('in real time, others get their messages while one process catches up', async () => {
  let nowMs = 1_750_000_000_000;
  const { network, spawn } = await startBreathing({ clock: createWallClock(() => nowMs) });
  const slow = await spawn(BUSY, EVERY_SECOND);
  const quick = await spawn();
  const sender = await spawn();
  nowMs += 300_000;
  const order: string[] = [];
  network.events.on('evaluated', ({ process, message }) => {
    if (message && process !== sender.id) order.push(process === slow.id ? 'slow' : 'quick');
  });
  const targets = `'${slow.id}', '${quick.id}'`;
  await sender.eval(
    `for _, id in ipairs({ ${targets} }) do Send({ Target = id, Action = 'X' }) end`,
  );
  expect(order).toEqual(['quick', 'slow']);
  await network.close();
});

test('a network that closes ends what takes a breath', async () => {
  const { network, spawn } = await startBreathing();
  const a = await spawn(BUSY, EVERY_BLOCK);
  network.gateway.mine(300);
  const reading = network.crons(a.id);
  const answer = a.eval('N');
  const closing = network.close();
  await expect(reading).rejects.toMatchObject({ code: 'NETWORK_CLOSED' });
  expect((await answer).errors).toMatchObject([{ code: 'NETWORK_CLOSED' }]);
  await closing;
});
