import { describe, expect, test } from 'vitest';
import { createVirtualClock } from '../../../actors/clock.js';
import type { NetworkOptions } from '../../../actors/network.js';
import { printed, startNetwork } from '../kernel-module.js';

async function startCron(options: NetworkOptions = {}) {
  const started = await startNetwork(options);
  const { network, module, alice, spawn } = started;
  const listener = await spawn(`Heard = {}; Handlers.add('t', 'Tick', function(m)
    table.insert(Heard, m.Timestamp .. '/' .. m.At) end)`);
  const cron = await network.spawn({
    from: alice,
    module,
    tags: [
      { name: 'Cron-Interval', value: '10-seconds' },
      { name: 'Cron-Tag-Action', value: 'Cron' },
    ],
  });
  await cron.eval(`Handlers.add('c', 'Cron', function(m)
    Count = (Count or 0) + 1
    Send({ Target = '${listener.id}', Action = 'Tick', At = tostring(m.Timestamp) }) end)`);
  const heard = async () => printed(await listener.eval('return table.concat(Heard, " ")'));
  return { ...started, listener, cron, heard, start: network.clock.now };
}

describe('crons', () => {
  test('are evaluated when somebody reads, and sent on only when monitored', async () => {
    const { network, cron, heard } = await startCron();
    await network.clock.advance(35_000);
    expect(network.results(cron.id).edges).toHaveLength(2);
    expect((await network.crons(cron.id)).edges).toHaveLength(3);
    expect(printed(await cron.eval('Count'))).toBe('3');
    expect(await heard()).toBe('');
    await network.close();
  });

  test('of a monitored process are sent on at their own time', async () => {
    const { network, cron, heard, start } = await startCron();
    await network.clock.advance(12_000);
    await network.monitor(cron.id);
    await network.clock.advance(20_000);
    await network.unmonitor(cron.id);
    await network.clock.advance(20_000);
    const at = (seconds: number) => start + seconds * 1000;
    expect(await heard()).toBe(`${at(20)}/${at(20)} ${at(30)}/${at(30)}`);
    expect(await network.replay(cron.id)).toBe(await network.stateHash(cron.id));
    await network.close();
  });

  test('that somebody read before their time to be sent came are sent all the same', async () => {
    const clock = createVirtualClock();
    const { network, cron, heard, start } = await startCron({ clock });
    await network.monitor(cron.id);
    await network.clock.advance(9_999);
    // Time passes without a tick, as wall-clock time does, and a message comes first.
    clock.set(start + 10_000);
    await cron.eval(`Send({ Target = ao.id, Action = 'Nothing' })`);
    expect(await heard()).toBe('');
    await network.clock.tick();
    expect(await heard()).toBe(`${start + 10_000}/${start + 10_000}`);
    await network.close();
  });

  test('have a trace of their own', async () => {
    const { network, cron, listener } = await startCron();
    await network.monitor(cron.id);
    const sent: string[] = [];
    network.events.on('sent', ({ message, target }) => {
      if (target === listener.id) sent.push(message);
    });
    await network.clock.advance(10_000);
    const delivery = network.trace(sent[0] ?? '');
    expect(delivery).toMatchObject({ from: cron.id, action: 'Tick', depth: 1 });
    expect(network.trace(delivery?.cause ?? '')).toMatchObject({ kind: 'cron', from: cron.id });
    await network.close();
  });
});

describe('moving the clock', () => {
  test('goes forward only', async () => {
    const { network } = await startNetwork();
    const { now } = network.clock;
    await expect(network.clock.set(now - 1)).rejects.toThrow(
      expect.objectContaining({ code: 'CLOCK_BACKWARDS' }),
    );
    await network.clock.set(now);
    expect(network.clock.now).toBe(now);
    await network.close();
  });

  test('so far that crons would never end is refused before it begins', async () => {
    const { network, start } = await startCron();
    await expect(network.clock.advance(365 * 86_400_000)).rejects.toThrow(
      expect.objectContaining({ code: 'CRON_BACKLOG' }),
    );
    expect(network.clock.now).toBe(start);
    await network.close();
  });

  test('is what processes see as the time', async () => {
    const { network, spawn } = await startNetwork();
    const a = await spawn();
    await network.clock.advance(86_400_000);
    expect(printed(await a.eval('os.time()'))).toBe(String(network.clock.now));
    await network.close();
  });
});

test('an interval that means nothing is refused at the spawn', async () => {
  const { network, spawn } = await startNetwork();
  await expect(spawn('', { 'Cron-Interval': 'sometimes' })).rejects.toThrow(
    expect.objectContaining({ code: 'INVALID_CRON' }),
  );
  await network.close();
});
