import { expect, onTestFinished, test } from 'vitest';
import { llamaDevice, publishModules } from '../../../herd/modules.js';
import { createNetwork } from '../../../kit/network.js';
import { as } from '../../../kit/read/decoders.js';

const STATE = `
Balances = { alice = '12', ['9abc-_'] = '7' }
Queue = { { fee = 9007199254740993, from = 'alice' }, { fee = 2, from = 'bob', urgent = true } }
Ratio, Whole, Nothing = 0.5, 2.0, {}
Sparse = { [1] = 'a', [3] = 'c' }
Mixed = { 'first', name = 'x', [true] = 'yes', [2.5] = 'half' }
Deep = { a = { b = { c = 'here' } } }
Words = { ['two words'] = 1, ['say "hi"'] = 2, ['1'] = 'text', [1] = 'integer' }
Bytes = '\\255\\0x'
Ring = { name = 'ring' }
Ring.self = Ring
Twice = { Deep.a.b, Deep.a.b }
Thread = coroutine.create(function() end)
local hidden = 'local'
function Reveal() return hidden end`;

async function start(source = STATE) {
  const network = await createNetwork();
  onTestFinished(() => network.close());
  return { network, process: await network.spawn({ name: 'state', source }) };
}

test('globals are read by path', async () => {
  const { network, process } = await start();
  const read = (path: Parameters<typeof process.read>[0]) => process.read(path);
  expect(await read('Balances.alice')).toBe('12');
  expect(await read('Balances.9abc-_')).toBe('7');
  expect(await read('Queue[1].fee')).toBe(9007199254740993n);
  expect(await read('Queue[2]')).toEqual({ fee: 2, from: 'bob', urgent: true });
  expect(await read('Deep.a.b.c')).toBe('here');
  expect(await read(`Words["two words"]`)).toBe(1);
  expect(await read(`Words['say "hi"']`)).toBe(2);
  expect(await read('Words[1]')).toBe('integer');
  expect(await read('Words["1"]')).toBe('text');
  expect(await read('Words.1')).toBe('text');
  expect(await read(['Mixed', true])).toBe('yes');
  expect(await read(['Mixed', 2.5])).toBe('half');
  expect(await network.read('state', 'Ratio')).toBe(0.5);
});

test('tables are lists, or objects whose odd keys are written in brackets', async () => {
  const { process } = await start();
  expect(await process.read('Nothing')).toEqual([]);
  expect(await process.read('Sparse')).toEqual({ '[1]': 'a', '[3]': 'c' });
  expect(await process.read('Mixed')).toEqual({
    '[1]': 'first',
    '[2.5]': 'half',
    '[true]': 'yes',
    name: 'x',
  });
  expect(await process.read('Bytes')).toEqual(Uint8Array.of(255, 0, 120));
  expect(await process.read('Twice')).toEqual([{ c: 'here' }, { c: 'here' }]);
});

test('what cannot be a plain value is named', async () => {
  const { process } = await start();
  expect(await process.read('Ring')).toEqual({
    name: 'ring',
    self: { '<lua>': 'the table at Ring' },
  });
  expect(await process.read('Reveal')).toEqual({ '<lua>': 'function' });
  expect(await process.read('Thread')).toEqual({ '<lua>': 'coroutine' });
});

test('decoders give the answer its type', async () => {
  const { process } = await start();
  const Request = as.object({
    fee: as.integer,
    from: as.string,
    urgent: as.optional(as.boolean),
  });
  const queue: { fee: bigint; from: string; urgent: boolean | undefined }[] = await process.read(
    'Queue',
    as.list(Request),
  );
  expect(queue).toEqual([
    { fee: 9007199254740993n, from: 'alice', urgent: undefined },
    { fee: 2n, from: 'bob', urgent: true },
  ]);
  const balances: Record<string, string> = await process.read('Balances', as.record(as.string));
  expect(balances).toEqual({ alice: '12', '9abc-_': '7' });
  expect(await process.read('Nothing', as.list(as.string))).toEqual([]);
  expect(await process.read('Nothing', as.record(as.string))).toEqual({});
  expect(await process.read('Whole', as.number)).toBe(2);
  expect(await process.read('Whole', as.integer)).toBe(2n);
  expect(await process.read('Bytes', as.bytes)).toEqual(Uint8Array.of(255, 0, 120));
  expect(await process.read('Missing', as.optional(as.string))).toBeUndefined();
  expect(await process.read('Missing')).toBeUndefined();
});

test.each([
  ['Balances.alice', as.integer, 'Balances.alice is the string "12", not an integer'],
  ['Queue', as.list(as.object({ urgent: as.boolean })), 'Queue[1].urgent is nil, not a boolean'],
  [
    'Queue[1].fee',
    as.number,
    'Queue[1].fee is the integer 9007199254740993, not a number (as.integer reads it)',
  ],
  ['Ratio', as.integer, 'Ratio is the number 0.5, not an integer'],
  ['Missing', as.string, 'Missing is nil, not a string'],
  ['Reveal', as.object({}), 'Reveal is a function, not a table'],
  ['Queue', as.record(as.any), 'Queue is a list of 2, not a table with string keys'],
  ['Bytes', as.string, 'Bytes is a string of 3 bytes that are no text, not a string'],
  ['Words', as.record(as.integer), 'Words["1"] is the string "text", not an integer'],
] as const)('%s of another type is refused', async (path, decode, message) => {
  const { process } = await start();
  await expect(process.read(path, decode as typeof as.any)).rejects.toMatchObject({
    code: 'STATE_TYPE',
    message,
  });
});

test('a path that leads nowhere says where it ends', async () => {
  const { process } = await start();
  await expect(process.read('Balences.alice')).rejects.toMatchObject({
    code: 'STATE_PATH',
    message: 'Balences.alice leads nowhere: Balences is nil',
  });
  await expect(process.read('Balances.alice.x[1]')).rejects.toMatchObject({
    message: 'Balances.alice.x[1] leads nowhere: Balances.alice is a string',
  });
});

test.each([
  ['Balences.alice', as.any, 'Did you mean Balances? Look for'],
  ['BALANCES', as.record(as.string), 'Did you mean Balances? Write as.optional'],
  ['Deep.a.B.c', as.any, 'Did you mean Deep.a.b? Look for'],
  ['Balances.Alice', as.string, 'Did you mean Balances.alice? Write as.optional'],
  ['Words["two-words"]', as.integer, 'Did you mean Words["two words"]? Write as.optional'],
  ['Nowhere.x', as.any, 'Look for a misspelt name'],
  ['Queue[7].fee', as.any, 'Look for a misspelt name'],
  ['Balances.alice', as.integer, 'Read it as what it is'],
] as const)('who reads %s is told what may be meant', async (path, decode, hint) => {
  const { process } = await start();
  await expect(process.read(path, decode as typeof as.any)).rejects.toMatchObject({
    hint: expect.stringMatching(`^${hint.replace(/[?[\].]/g, '\\$&')}`),
  });
});

const NO_PATHS: readonly unknown[] = [
  ...['', '.a', 'a.', 'a..b', 'a[', 'a[b]', 'a[1', 'a["x]', 'a]'],
  ...[5, null, [], [{}], [Number.NaN]],
];
test.each(NO_PATHS.map((path) => [path]))('the path %j is none', async (path) => {
  const { process } = await start('');
  await expect(process.read(path as string)).rejects.toMatchObject({ code: 'BAD_PATH' });
});

test('more than anyone wants to read is refused by name', async () => {
  const { process } = await start(`
    Many, Nested = {}, {}
    for i = 1, 300000 do Many[i] = i end
    local inner = Nested
    for i = 1, 100 do inner.x = {}; inner = inner.x end`);
  await expect(process.read('Many')).rejects.toMatchObject({
    code: 'STATE_TOO_LARGE',
    message: 'Many has more than 250000 values',
  });
  await expect(process.read('Nested')).rejects.toMatchObject({
    message: 'Nested has more than 64 levels of tables',
  });
  expect(await process.read('Many[300000]')).toBe(300000);
});

test('reading changes nothing, and runs nothing of the program', async () => {
  const { network, process } = await start(`
    Count = 1
    setmetatable(_G, { __index = function(_, name) rawset(_G, 'Count', 99) return name end })
    Table = setmetatable({}, { __pairs = function() error('never') end, __index = function() return 'made up' end })`);
  const before = await network.stateHash(process);
  expect(await process.read('Anything.else').catch(({ code }) => code)).toBe('STATE_PATH');
  expect(await process.read('Table.x')).toBeUndefined();
  expect(await process.read('Table')).toEqual([]);
  expect(await process.read('Count')).toBe(1);
  expect(await network.stateHash(process)).toBe(before);
  expect(await network.replay(process)).toBe(before);
});

test('a process on a compute thread is read as well', async () => {
  const network = await createNetwork({ devices: [llamaDevice] });
  onTestFinished(() => network.close());
  const { llamaModule } = publishModules(network);
  const worker = await network.spawn({ module: llamaModule, source: STATE });
  expect(await worker.read('Queue[1].fee', as.integer)).toBe(9007199254740993n);
  await expect(worker.read('Nowhere.at.all')).rejects.toMatchObject({ code: 'STATE_PATH' });
});
