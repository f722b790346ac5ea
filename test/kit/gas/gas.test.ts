/** The gas report: what messages cost, by process and handler. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCollector, readCollected, saveCollected } from '../../../kit/collect/collector.js';
import { createGasRecorder, type GasRecord } from '../../../kit/gas/gas-recorder.js';
import { reportGas } from '../../../kit/gas/gas-report.js';
import { renderGas } from '../../../kit/gas/gas-table.js';
import { createNetwork } from '../../../kit/network.js';

const SHOP = `
Handlers.add('buy', 'Buy', function(msg)
  local n = 0
  for i = 1, tonumber(msg.Tags.Times) do n = n + i end
  msg.reply({ Data = 'thanks' })
  Send({ Target = ao.id, Action = 'Log' })
end)
Handlers.add('break', 'Break', function() error('no') end)`;

/** A shop that sells with little and with much work, fails once, and logs to itself. */
async function trade() {
  const collect = createCollector({ gas: true });
  await using network = await createNetwork({ collect });
  const shop = await network.spawn({ source: SHOP, name: 'shop' });
  for (const times of [10, 10_000, 1_000]) {
    await network.send({ from: 'alice', to: shop, action: 'Buy', tags: { Times: `${times}` } });
  }
  await network.send({ from: 'alice', to: shop, action: 'Break' });
  await network.dryRun(shop, { action: 'Buy', tags: { Times: '5' } });
  await using fork = await network.fork();
  await fork.send({ from: 'alice', to: shop, action: 'Buy', tags: { Times: '10' } });
  return collect;
}

describe('the records', () => {
  test('are by process and handler, of every message that a network and its forks evaluate', async () => {
    const { gas } = await trade();
    const rows = reportGas(gas?.records ?? []);
    const counts = rows.map(({ process, handler, calls, failed, sent }) => [
      `${process} ${handler}`,
      [calls, failed, sent],
    ]);
    expect(Object.fromEntries(counts)).toEqual({
      'shop _boot': [1, 0, 0],
      'shop _default': [4, 0, 0],
      'shop buy': [4, 0, 2],
      'shop break': [1, 1, 0],
    });
    const buy = rows.find(({ handler }) => handler === 'buy');
    expect(buy?.gas.min).toBeLessThan(buy?.gas.median ?? 0);
    expect((buy?.gas.max ?? 0) - (buy?.gas.min ?? 0)).toBeGreaterThan(9_000);
    expect(buy?.memory?.max).toBeGreaterThan(1_000_000);
  });

  test('are the same twice', async () => {
    expect((await trade()).gas?.records).toEqual((await trade()).gas?.records);
  });

  test('of several runs add up', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'corral-gas-'));
    const collector = createCollector({ gas: true });
    collector.gas?.add([record('shop', 'buy', [3, 1])]);
    saveCollected(collector, folder);
    saveCollected(collector, folder);
    expect(readdirSync(folder)).toHaveLength(2);
    expect(readCollected(folder).gas.records).toEqual([
      { ...record('shop', 'buy', [3, 1, 3, 1]), sent: 8, failed: 2 },
    ]);
    rmSync(folder, { recursive: true });
  });
});

describe('the report', () => {
  test.each([
    [[5], { min: 5, median: 5, max: 5 }],
    [[9, 1], { min: 1, median: 1, max: 9 }],
    [[10, 9, 100], { min: 9, median: 10, max: 100 }],
    [[4, 3, 2, 1], { min: 1, median: 2, max: 4 }],
  ])('of %j has %j', (gas, spread) => {
    expect(reportGas([record('p', 'h', gas)])[0]?.gas).toEqual(spread);
  });

  test('is by process, the dearest first, and goes into a table', () => {
    const recorder = createGasRecorder();
    recorder.add([
      record('shop', 'cheap', [900]),
      { ...record('shop', 'buy', [1_234_567, 20]), memory: [3_000_000, 2 ** 22], failed: 0 },
      record('bank', 'a handler with a name that is too long for a table', [1]),
    ]);
    const table = renderGas(reportGas(recorder.records));
    expect(table).toBe(
      `Process  Handler                              Calls        Min     Median        Max    Memory  Sent
bank     a handler with a name that is too l…     1          1          1          1             4.0
shop     buy                                      2         20         20  1,234,567   4.0 MiB   2.0
         cheap  1 failed                          1        900        900        900             4.0
`,
    );
  });
});

function record(process: string, handler: string, gas: number[]): GasRecord {
  return { process, handler, gas, memory: [], sent: 4, failed: 1 };
}
