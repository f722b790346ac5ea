import { expect, onTestFinished, test } from 'vitest';
import { createVirtualClock, createWallClock } from '../../../actors/clock.js';
import { createNetwork, type NetworkOptions } from '../../../kit/network.js';
import { as } from '../../../kit/read/decoders.js';
import { createRealClock } from '../../../kit/time/real-clock.js';

async function start(options: NetworkOptions = {}) {
  const network = await createNetwork(options);
  onTestFinished(() => network.close());
  return network;
}

const BEAT = `Beats, Echoes = {}, 0
Handlers.add('Beat', 'Cron', function(msg)
  table.insert(Beats, msg.Timestamp)
  ao.send({ Target = ao.id, Action = 'Echo' })
end)
Handlers.add('Echo', 'Echo', function() Echoes = Echoes + 1 end)`;
const HOURLY = { 'Cron-Interval': '1-hour', 'Cron-Tag-Action': 'Cron' };

test('virtual time starts where it is told, and moves only when told', async () => {
  expect((await start()).clock.now).toBe(Date.parse('2025-01-01'));
  const network = await start({ startAt: '2030-05-05T12:00:00Z' });
  expect(network.clock.now).toBe(Date.parse('2030-05-05T12:00:00Z'));
  await network.clock.advance('1h30m');
  await network.clock.advance(500);
  expect(network.clock.now).toBe(Date.parse('2030-05-05T13:30:00.500Z'));
  await network.clock.set('2031-01-01');
  await network.clock.set(new Date('2031-01-02'));
  expect(network.clock.now).toBe(Date.parse('2031-01-02'));
  expect(network.clock.frozen).toBe(true);
  network.clock.freeze();
  network.clock.unfreeze();
});

test('time does not go back, and is no word', async () => {
  const { clock } = await start();
  await expect(clock.set('2024-12-31')).rejects.toMatchObject({ code: 'CLOCK_BACKWARDS' });
  await expect(clock.set('soon')).rejects.toMatchObject({ code: 'BAD_MOMENT' });
  await expect(clock.advance('an hour')).rejects.toMatchObject({ code: 'BAD_DURATION' });
  await expect(clock.advance(8.64e15)).rejects.toMatchObject({ code: 'BAD_DURATION' });
  await expect(clock.set('2025-02-30')).rejects.toMatchObject({ code: 'BAD_MOMENT' });
  await expect(clock.advance(-1)).rejects.toMatchObject({ code: 'BAD_DURATION' });
});

test('crons of a monitored process fire at their own times, and what they send arrives', async () => {
  const network = await start();
  const process = await network.spawn({ source: BEAT, tags: HOURLY });
  await network.monitor(process);
  const begun = network.clock.now;
  await network.clock.advance('3h');
  const hours = await process.read('Beats', as.list(as.integer));
  expect(hours).toEqual([1, 2, 3].map((hour) => BigInt(begun + hour * 3_600_000)));
  expect(await process.read('Echoes')).toBe(3);
  await network.unmonitor(process);
  await network.clock.advance('1h');
  expect(await process.read('Echoes')).toBe(3);
});

test('crons by blocks fire as blocks are mined', async () => {
  const network = await start({ mining: 'manual' });
  const tags = { 'Cron-Interval': '2-blocks', 'Cron-Tag-Action': 'Cron' };
  const process = await network.spawn({ source: BEAT, tags });
  await network.monitor(process);
  await network.mine(5);
  expect(await process.read('Echoes')).toBe(2);
});

test('real time follows the source, from where it starts; it can be stopped, moved and let go on', () => {
  let nowMs = 1_000;
  const clock = createRealClock(() => nowMs, 50_000);
  expect(clock.now()).toBe(50_000);
  nowMs += 10;
  expect(clock.now()).toBe(50_010);
  clock.freeze();
  nowMs += 1_000;
  expect(clock.now()).toBe(50_010);
  clock.set(60_000);
  expect(clock.now()).toBe(60_000);
  clock.unfreeze();
  expect(clock.now()).toBe(60_000);
  nowMs += 5;
  expect(clock.now()).toBe(60_005);
  clock.set(70_000);
  nowMs += 5;
  expect(clock.now()).toBe(70_005);
  nowMs -= 500; // a source that goes back does not take time with it
  expect(clock.now()).toBe(70_005);
  expect(() => clock.set(1)).toThrow(expect.objectContaining({ code: 'CLOCK_BACKWARDS' }));
  clock.unfreeze();
  expect(clock.frozen).toBe(false);
});

test('a network of real time is where this machine is, and can be stopped', async () => {
  const before = Date.now();
  const network = await start({ time: 'real' });
  expect(network.clock.now).toBeGreaterThanOrEqual(before);
  network.clock.freeze();
  const stopped = network.clock.now;
  await network.spawn({ source: 'X = 1' });
  expect(network.clock.now).toBe(stopped);
  await network.clock.advance('1h');
  expect(network.clock.now).toBe(stopped + 3_600_000);
  expect(network.clock.frozen).toBe(true);
  network.clock.unfreeze();
  expect(network.clock.frozen).toBe(false);
});

test('a clock of the caller keeps its time, and is his to stop', async () => {
  const own = createVirtualClock(5_000);
  const network = await start({ clock: own });
  await network.clock.advance('1s');
  expect(own.now()).toBe(6_000);
  const wall = await start({ clock: createWallClock(() => 1) });
  expect(() => wall.clock.freeze()).toThrow(expect.objectContaining({ code: 'CLOCK_FOREIGN' }));
  expect(wall.clock.frozen).toBe(false);
});
