/** Coverage of a project: what ran in a network for tests, by file and line. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLineCounter } from '../../../actors/lua/line-hits.js';
import { createCollector, readCollected, saveCollected } from '../../../kit/collect/collector.js';
import { renderLcov } from '../../../kit/coverage/lcov.js';
import { listLuaFiles } from '../../../kit/coverage/lua-files.js';
import { countLines, missedRanges, reportCoverage } from '../../../kit/coverage/report.js';
import { renderCoverage } from '../../../kit/coverage/table.js';
import { createNetwork } from '../../../kit/network.js';

const SHOP = `local till = require('till')

Handlers.add('buy', 'Buy', function(msg)
  local price = tonumber(msg.Tags.Price)
  if price > 10 then
    -- nobody has so much
    error('too dear')
  end
  till.add(price)
  msg.reply({ Data = 'thanks' })
end)

local function never()
  local a = 1

  return a
end
`;
const TILL = `local till = { sum = 0 }

function till.add(amount)
  till.sum = till.sum + amount
end

return till
`;

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'corral-coverage-'));
  write('shop.lua', SHOP);
  write('till.lua', TILL);
  write('unused.lua', 'return 1\n');
});
afterEach(() => rmSync(root, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

async function sell(prices: readonly number[]) {
  const collect = createCollector({ coverage: true });
  await using network = await createNetwork({ collect });
  const shop = await network.spawn({ file: join(root, 'shop.lua') });
  for (const price of prices) {
    await network.send({ from: 'alice', to: shop, action: 'Buy', tags: { Price: `${price}` } });
  }
  const hits = collect.lines?.hits ?? new Map();
  return { hits, hash: await network.stateHash(shop), report: reportCoverage(hits, projectOf()) };
}

const projectOf = () => ({ root, files: listLuaFiles(root) });

describe('a report', () => {
  test('has each line that can run, how often it did, and files that nobody loaded', async () => {
    const { report } = await sell([1, 2, 3]);
    expect(report.files.map(({ file, lines }) => [file, Object.fromEntries(lines)])).toEqual([
      ['shop.lua', { 1: 1, 3: 2, 4: 3, 5: 3, 7: 0, 9: 3, 10: 3, 14: 0, 16: 0 }],
      ['till.lua', { 1: 1, 3: 1, 4: 3, 7: 1 }],
      ['unused.lua', { 1: 0 }],
    ]);
    expect(countLines(report.files)).toEqual({ lines: 14, reached: 10 });
    expect(report.files.map(missedRanges)).toEqual([
      [
        [7, 7],
        [14, 16],
      ],
      [],
      [[1, 1]],
    ]);
  });

  test('counts what a message did before it failed, and nothing twice on the way back', async () => {
    const { report } = await sell([1, 2, 99, 3]);
    const shop = report.files[0]?.lines;
    expect([shop?.get(4), shop?.get(7), shop?.get(9)]).toEqual([4, 1, 3]);
  });

  test('is of the run that nobody watched', async () => {
    await using plain = await createNetwork();
    const shop = await plain.spawn({ file: join(root, 'shop.lua') });
    await plain.send({ from: 'alice', to: shop, action: 'Buy', tags: { Price: '5' } });
    expect((await sell([5])).hash).toBe(await plain.stateHash(shop));
  });

  test('counts the forks of a network, and the network itself once', async () => {
    const collect = createCollector({ coverage: true });
    await using network = await createNetwork({ collect });
    const shop = await network.spawn({ file: join(root, 'shop.lua') });
    for (const price of [1, 2]) {
      await using fork = await network.fork();
      await fork.send({ from: 'alice', to: shop, action: 'Buy', tags: { Price: `${price}` } });
    }
    const { files } = reportCoverage(collect.lines?.hits ?? new Map(), projectOf());
    expect([files[0]?.lines.get(1), files[0]?.lines.get(4)]).toEqual([1, 2]);
  });

  test('knows a file that was evaluated as text by its functions', async () => {
    const twice = (factor: number) =>
      `local function twice(x)\n  return x and ${factor} * x == nil and 'a' or 1.5\nend\n`;
    const once = '\nlocal function once(x)\n  return x\nend\n';
    write('eval.lua', `${twice(2)}${once}return twice(1)\n`);
    const collect = createCollector({ coverage: true });
    await using network = await createNetwork({ collect });
    const process = await network.spawn();
    await process.eval(readFileSync(join(root, 'eval.lua'), 'utf8'));
    await process.eval(`${twice(3)}return twice(1)`);
    const { files } = reportCoverage(collect.lines?.hits ?? new Map(), projectOf());
    const found = files.find(({ file }) => file === 'eval.lua');
    expect(Object.fromEntries(found?.lines ?? [])).toEqual({ 2: 1, 6: 0, 8: 1 });
  });

  test('says so of a file that does not compile, and of one that was another when it ran', async () => {
    const { hits } = await sell([1]);
    write('till.lua', 'return 1');
    write('bad.lua', 'x = = 1');
    const { files } = reportCoverage(hits, projectOf());
    expect(files.map(({ file, problem }) => [file, problem])).toEqual([
      ['bad.lua', expect.stringContaining('bad.lua:1: unexpected symbol')],
      ['shop.lua', undefined],
      ['till.lua', 'what ran under this name was another version of it'],
      ['unused.lua', undefined],
    ]);
    expect(renderLcov({ files })).not.toContain('bad.lua');
    expect(renderCoverage({ files })).toContain('another version');
  });
});

test('the files of a project are all but tests, hidden ones and what was installed', () => {
  write('src/a.lua', '');
  write('src/a.test.lua', '');
  write('node_modules/x/b.lua', '');
  write('.hidden/c.lua', '');
  expect(listLuaFiles(root)).toEqual(['shop.lua', 'src/a.lua', 'till.lua', 'unused.lua']);
});

describe('rendered', () => {
  test('as lcov', async () => {
    const { report } = await sell([1]);
    expect(renderLcov({ files: report.files.slice(1) })).toBe(
      'TN:\nSF:till.lua\nDA:1,1\nDA:3,1\nDA:4,1\nDA:7,1\nLF:4\nLH:4\nend_of_record\n' +
        'TN:\nSF:unused.lua\nDA:1,0\nLF:1\nLH:0\nend_of_record\n',
    );
  });

  test('as a table', async () => {
    const { report } = await sell([1]);
    expect(renderCoverage(report)).toBe(`  Lines   Reached    File         Not reached
 66.6 %    6 of 9    shop.lua     7, 14-16
100.0 %    4 of 4    till.lua
  0.0 %    0 of 1    unused.lua   1
 71.4 %   10 of 14   3 files
`);
  });

  test('no wider than asked for, and says how many ranges are left out', () => {
    const lines = new Map(Array.from({ length: 400 }, (_, i) => [i + 1, i % 2]));
    const file = `${'folder/'.repeat(20)}far.lua`;
    for (const columns of [60, 100, 140]) {
      const table = renderCoverage({ files: [{ file, lines }] }, { columns });
      expect(Math.max(...table.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(
        columns,
      );
      expect(table).toMatch(/….*folder\/far\.lua {3}1, 3, 5.* \+\d+$/m);
    }
  });
});

describe('several runs', () => {
  test('are one report', async () => {
    const folder = join(root, 'runs');
    for (const prices of [[1], [2, 99]]) {
      const collector = createCollector({ coverage: true });
      collector.lines?.add((await sell(prices)).hits);
      const file = saveCollected(collector, folder);
      saveCollected(collector, folder, file);
    }
    const { files } = reportCoverage(readCollected(folder).lines.hits, projectOf());
    expect([files[0]?.lines.get(4), files[0]?.lines.get(7)]).toEqual([3, 1]);
  });

  test('of another version, or damaged, are refused by name', () => {
    write('runs/a.corral-run.json', '{"version":99}');
    expect(() => readCollected(join(root, 'runs'))).toThrow(
      expect.objectContaining({ code: 'RUN_FILE_INVALID' }),
    );
    write('runs/a.corral-run.json', '{"version"');
    expect(() => readCollected(join(root, 'runs'))).toThrow(
      expect.objectContaining({ code: 'RUN_FILE_INVALID' }),
    );
  });

  test('add up line by line', () => {
    const counter = createLineCounter();
    counter.hook(0, '@a', 3);
    counter.add(new Map([['@a', [0, 0, 0, 2, 5]]]));
    counter.hook(0, '@b', 1);
    counter.hook(0, '@a', 4);
    expect([...counter.hits]).toEqual([
      ['@a', [0, 0, 0, 3, 6]],
      ['@b', [0, 1]],
    ]);
  });
});
