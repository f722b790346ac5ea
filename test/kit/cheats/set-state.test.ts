import { expect, onTestFinished, test } from 'vitest';
import type { SettableValue } from '../../../kit/cheats/lua-literal.js';
import { createNetwork } from '../../../kit/network.js';

async function start(source = `State = { list = { 1, 2 } }`) {
  const network = await createNetwork();
  onTestFinished(() => network.close());
  return { network, process: await network.spawn({ source }) };
}

const deep = (depth: number): SettableValue => (depth === 0 ? 1 : { x: deep(depth - 1) });

const VALUES: readonly [string, SettableValue, unknown?][] = [
  ['State.name', 'Zoë 🐑\n"quoted" \\ \u0000 end'],
  ['State["two words"]', true],
  ['State.list[2]', 9007199254740993n],
  ['State.list[3]', -(2n ** 63n)],
  ['State.small', 7n, 7],
  ['State.half', 0.1],
  ['State.huge', Number.POSITIVE_INFINITY],
  ['State.big', 1e300],
  ['State.table', { a: [1, 'b', { c: false }], 'key with "quotes"': 1 }],
  [
    'State.map',
    new Map<string | number, SettableValue>([
      [5, 'five'],
      ['x', 'ten'],
    ]),
    { '[5]': 'five', x: 'ten' },
  ],
  ['State.bytes', Uint8Array.of(0, 255, 10)],
  ['State.sparse', ['a', undefined, 'c'], { '[1]': 'a', '[3]': 'c' }],
  // biome-ignore lint/suspicious/noSparseArray: a list with a hole
  ['State.holes', ['a', , 'c'] as SettableValue, { '[1]': 'a', '[3]': 'c' }],
  ['Fresh', []],
];

test.each(VALUES)('%s is set, as it was given', async (path, value, expected = value) => {
  const { network, process } = await start();
  const receipt = await process.setState(path, value);
  expect(await process.read(path)).toEqual(expected);
  expect(receipt.tree).toMatchObject({ impersonated: true, action: 'Eval' });
  expect(await network.replay(process)).toBe(await network.stateHash(process));
});

test('undefined deletes', async () => {
  const { network, process } = await start();
  await network.setState(process, ['State', 'list', 2], undefined);
  expect(await process.read('State.list')).toEqual([1]);
  await process.setState('State', undefined);
  expect(await process.read('State')).toBeUndefined();
});

test('metatables of the program have no say', async () => {
  const { process } = await start(
    `Locked = setmetatable({}, { __newindex = function() error('locked') end })`,
  );
  await process.setState('Locked.x', 1);
  expect(await process.read('Locked.x')).toBe(1);
});

test('the state of a process that somebody else owns by now is set all the same', async () => {
  const { process } = await start(`Owner = string.rep('o', 43)`);
  await process.setState('X', 1);
  expect(await process.read('X')).toBe(1);
});

test('a path into what is no table says where it ends, and changes nothing', async () => {
  const { process } = await start();
  await expect(process.setState('Stat.list', 1)).rejects.toMatchObject({
    code: 'STATE_PATH',
    message: 'Stat.list leads nowhere: Stat is nil',
    hint: 'Did you mean State? Look for a misspelt name, or set Stat to a table first.',
  });
  await expect(process.setState('State.list[1].x', 1)).rejects.toMatchObject({
    message: 'State.list[1].x leads nowhere: State.list[1] is a number',
  });
  await expect(process.setState('', 1)).rejects.toMatchObject({ code: 'BAD_PATH' });
});

test.each([
  [() => 1, 'State.x is a function'],
  [new Date(0), 'State.x is a Date'],
  [2n ** 63n, 'State.x is 9223372036854775808n, which no integer of Lua holds (64 bits)'],
  [{ a: [1, new Set()] }, 'State.x["a"][2] is a Set'],
  [new Map([[Number.NaN, 1]]), 'State.x is a Map with the key NaN, which no table of Lua has'],
  [
    new Map([[undefined, 1]]) as unknown,
    'State.x is a Map with the key undefined, which no table of Lua has',
  ],
  [deep(65), expect.stringContaining('nested deeper than 64')],
] as const)('%s cannot be set', async (value, message) => {
  const { process } = await start();
  await expect(process.setState('State.x', value as SettableValue)).rejects.toMatchObject({
    code: 'BAD_STATE_VALUE',
    message,
  });
});

test('where the program replaced what sets, it says so', async () => {
  const { process } = await start(`State = {}; rawset = function(t) return t end`);
  await expect(process.setState('State.x', { y: 1 })).rejects.toMatchObject({
    code: 'STATE_NOT_SET',
    message: 'State.x was not set: the program replaced rawset',
  });
  expect(await process.read('State')).toEqual([]);
  await process.eval('State.x = 1');
  await expect(process.setState('State.x', undefined)).rejects.toMatchObject({
    code: 'STATE_NOT_SET',
  });
});

test('a program may have another _G: its globals are set all the same', async () => {
  const { process } = await start(`State = {}; _G = {}`);
  await process.setState('State.x', 1);
  await process.setState('Top', 2);
  expect(await process.read('State.x')).toBe(1);
  expect(await process.read('Top')).toBe(2);
});

test('what is deleted may have a default in a metatable', async () => {
  const { process } = await start(
    `Locked = setmetatable({ x = 1 }, { __index = function() return 7 end })`,
  );
  await process.setState('Locked.x', undefined);
  expect(await process.read('Locked.x')).toBeUndefined();
});

test('an error of the program is told in one sentence, without colours', async () => {
  const { process } = await start(`rawset = function() error('no more') end`);
  const failing = process.setState('X', 1);
  await expect(failing).rejects.toMatchObject({
    code: 'STATE_NOT_SET',
    message: expect.stringMatching(/^X was not set: [ -~]*no more$/),
  });
});

test('a process without an owner, or one that takes no Eval, says so', async () => {
  const { process } = await start('Owner = nil');
  await process.eval('Owner = false');
  const orphan = await start(`Owner = false`);
  await expect(orphan.process.setState('X', 1)).rejects.toMatchObject({ code: 'NO_OWNER' });
  const deaf = await start(`Handlers.prepend('all', function() return true end, function() end)`);
  await expect(deaf.process.setState('X', 1)).rejects.toMatchObject({ code: 'STATE_NOT_SET' });
});
