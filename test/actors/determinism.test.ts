/** Same seed, same network; and no network knows of another, or of anything but its own log. */
import { describe, expect, test } from 'vitest';
import type { NetworkEvent } from '../../actors/events.js';
import { printed, startNetwork } from './kernel-module.js';

const PONG = `Handlers.add('ping', 'Ping', function(m) m.reply({ Action = 'Pong', Data = 'pong' }) end)`;

const code = (code: string) => expect.objectContaining({ code });

describe('networks', () => {
  const run = async (seed: number, count = 20) => {
    const { network, spawn } = await startNetwork({ seed });
    const a = await spawn();
    const b = await spawn(PONG);
    const ball = `Send({ Target = '${b.id}', Action = 'Ping' }); X = math.random()`;
    const receipts = await Promise.all(Array.from({ length: count }, () => a.eval(ball)));
    const ids = receipts.flatMap(({ id, messages }) => [id, ...messages.map((it) => it.id)]);
    const hashes = [await network.stateHash(a.id), await network.stateHash(b.id)];
    await network.close();
    return { ids, hashes, nonces: receipts.map(({ assignment }) => assignment?.nonce) };
  };

  test('with the same seed have the same ids and the same states', async () => {
    const [first, second, other] = [await run(7), await run(7), await run(8)];
    expect(second).toEqual(first);
    expect(other.ids).not.toEqual(first.ids);
    expect(first.nonces).toEqual([...first.nonces].sort((a = 0, b = 0) => a - b));
    expect(new Set(first.ids).size).toBe(first.ids.length);
  });

  test('do not see each other', async () => {
    const one = await startNetwork({ seed: 1 });
    const two = await startNetwork({ seed: 1 });
    const a = await one.spawn('X = 1');
    const events: NetworkEvent[] = [];
    two.network.events.on('*', (event) => events.push(event));
    await a.eval('X = 2');
    await expect(two.network.send({ from: two.alice, to: a.id })).rejects.toThrow(
      code('UNKNOWN_PROCESS'),
    );
    expect(events).toEqual([]);
    expect(two.network.gateway.item(a.id)).toBeUndefined();
    await one.network.clock.advance(1000);
    expect(two.network.clock.now).toBe(one.network.clock.now - 1000);
    await one.network.close();
    await two.network.close();
  });

  test('go on from what their gateway holds', async () => {
    const { network, module, spawn } = await startNetwork({ seed: 3 });
    const a = await spawn('Count = 41');
    const hash = await network.stateHash(a.id);
    await network.close();
    const again = await startNetwork({ seed: 3, gateway: network.gateway });
    expect(again.module).toBe(module);
    expect(await again.network.stateHash(a.id)).toBe(hash);
    const { from, ...eval1 } = { from: again.alice, to: a.id, action: 'Eval', data: 'Count + 1' };
    expect(printed(await again.network.send({ from, ...eval1 }))).toBe('42');
  });
});

test('a closed network refuses everything', async () => {
  const { network, alice, spawn } = await startNetwork();
  const a = await spawn();
  await network.close();
  const closed = code('NETWORK_CLOSED');
  await expect(network.send({ from: alice, to: a.id })).rejects.toThrow(closed);
  await expect(network.assign(a.id, a.id)).rejects.toThrow(closed);
  await network.close();
});

describe('replay', () => {
  test('gives the same state from the log alone, crons and failures included', async () => {
    const { network, module, alice } = await startNetwork();
    const a = await network.spawn({
      from: alice,
      module,
      tags: [
        { name: 'Cron-Interval', value: '5-seconds' },
        { name: 'Cron-Tag-Action', value: 'Cron' },
      ],
    });
    await a.eval(`Handlers.add('c', 'Cron', function(m) T = (T or 0) + 1; R = math.random() end)`);
    for (let i = 0; i < 80; i++)
      await a.eval(i % 9 === 5 ? 'X = 0; error("no")' : `X = (X or 0) + ${i}`);
    await network.clock.advance(12_000);
    network.gateway.mine(2);
    expect(printed(await a.eval('T'))).toBe('2');
    await network.clock.advance(7_000);
    expect(await network.replay(a.id)).toBe(await network.stateHash(a.id));
    expect(printed(await a.eval('T'))).toBe('3');
    await network.close();
  });
});
