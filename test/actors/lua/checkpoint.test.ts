import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  hashCheckpoint,
} from '../../../actors/lua/checkpoint.js';
import { createMachine } from '../../../actors/lua/machine.js';
import { imageOf, RUNNER, runner } from './programs.js';

describe('a checkpoint', () => {
  test('brings back every kind of state', () => {
    const { machine, run } = runner();
    run('t = {list = {1, 2, 3}} local n = 10 function next_n() n = n + 1 return n end next_n()');
    const before = machine.checkpoint();
    const hash = machine.hash();
    run('t = nil next_n() next_n() string.upper = nil');
    expect(machine.hash()).not.toBe(hash);
    machine.restore(before);
    expect(machine.hash()).toBe(hash);
    expect(run('return #t.list .. next_n() .. ("a"):upper()')).toBe('312A');
  });

  test('holds suspended coroutines, nested ones and their pending pcalls too', () => {
    const { machine, run } = runner();
    run(`
      inner = coroutine.wrap(function() for i = 1, 9 do coroutine.yield(i) end end)
      outer = coroutine.wrap(function()
        while true do
          local ok, problem = pcall(function() coroutine.yield(inner()) error("late") end)
          coroutine.yield(problem)
        end
      end)`);
    expect(run('return outer()')).toBe('1');
    const before = machine.checkpoint();
    const rest = () => Array.from({ length: 4 }, () => run('return outer()'));
    const expected = ['=message', 2, '=message', 3].map((part) =>
      typeof part === 'number' ? String(part) : expect.stringContaining('late'),
    );
    expect(rest()).toEqual(expected);
    machine.restore(before);
    expect(rest()).toEqual(expected);
  });

  test('shares the pages that are as they were with the one before', () => {
    const { machine, run } = runner();
    run('big = ("x"):rep(1024 * 1024) n = 1');
    const first = machine.checkpoint();
    run('n = 2');
    const alone = machine.checkpoint();
    const second = machine.checkpoint(first);
    expect(hashCheckpoint(second)).toBe(hashCheckpoint(alone));
    const old = new Set(first.pages);
    expect(second.pages.filter((page) => old.has(page)).length).toBeGreaterThan(200);
    machine.restore(first);
    expect(run('return n')).toBe('1');
    machine.restore(second);
    expect(run('return n')).toBe('2');
  });

  test('fits another machine of the same image', () => {
    const image = imageOf(RUNNER);
    const a = createMachine(image);
    a.evaluate('big = ("x"):rep(17 * 1024 * 1024) n = 7', '');
    const b = createMachine(image, { checkpoint: a.checkpoint() });
    expect(b.memoryBytes).toBe(a.memoryBytes);
    expect(b.evaluate('return #big + n', '')).toBe(String(17 * 1024 * 1024 + 7));
  });

  test('wipes what was there before', () => {
    const { machine, run } = runner();
    run('x = 1');
    const small = machine.checkpoint();
    run('y = {} for i = 1, 3e4 do y[i] = tostring(i) end');
    machine.restore(small);
    const again = machine.checkpoint();
    expect(Buffer.compare(encodeCheckpoint(again), encodeCheckpoint(small))).toBe(0);
  });

  test('without argument, restore goes back to the image', () => {
    const { machine, run } = runner();
    const fresh = machine.hash();
    run('x = 1');
    machine.restore();
    expect(machine.hash()).toBe(fresh);
    expect(machine.checkpoint().addresses).toHaveLength(0);
  });

  test('survives its byte form', () => {
    const { machine, run } = runner();
    run('x = {} for i = 1, 1000 do x[i] = i end');
    const checkpoint = machine.checkpoint();
    const decoded = decodeCheckpoint(encodeCheckpoint(checkpoint));
    expect(Buffer.compare(encodeCheckpoint(decoded), encodeCheckpoint(checkpoint))).toBe(0);
    machine.restore();
    machine.restore(decoded);
    expect(run('return #x')).toBe('1000');
  });

  test('of another image is refused', () => {
    const { machine } = runner();
    const foreign = createMachine(imageOf('function handle() return "" end')).checkpoint();
    expect(() => machine.restore(foreign)).toThrow(
      expect.objectContaining({ code: 'CHECKPOINT_FOREIGN' }),
    );
  });

  test('cut or changed in its byte form is refused or other, never a crash', () => {
    const { machine, run } = runner();
    run('x = 1');
    const bytes = encodeCheckpoint(machine.checkpoint());
    const cut = fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) => {
      expect(() => decodeCheckpoint(bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'CHECKPOINT_INVALID' }),
      );
    });
    fc.assert(cut, { seed: 1, numRuns: 300 });
    expect(() => decodeCheckpoint(Buffer.concat([bytes, Buffer.from([0])]))).toThrow(
      expect.objectContaining({ code: 'CHECKPOINT_INVALID' }),
    );
  });

  test.each([
    ['an address outside of the state', { addresses: Uint32Array.of(500_000) }],
    ['addresses out of order', { addresses: Uint32Array.of(8192, 4096) }],
    ['a heap beyond the limit', { heapEnd: 0xfff00000 }],
    ['a heap that ends before it begins', { heapEnd: 1000 }],
    ['too few pages', { addresses: Uint32Array.of(4096, 8192), pages: [new Uint8Array(4096)] }],
    ['half a page', { addresses: Uint32Array.of(4096), pages: [new Uint8Array(2048)] }],
  ])('with %s is refused', (_, change: Partial<Checkpoint>) => {
    const { machine, run } = runner();
    const checkpoint = machine.checkpoint();
    const pages = Array.from(change.addresses ?? [], () => new Uint8Array(4096));
    expect(() => machine.restore({ ...checkpoint, pages, ...change })).toThrow(
      expect.objectContaining({ code: 'CHECKPOINT_INVALID' }),
    );
    expect(run('return 1')).toBe('1');
  });
});

describe('random histories', () => {
  const step = fc.constantFrom(
    't = t or {} t[#t + 1] = {#t, tostring(#t)}',
    't = nil collectgarbage()',
    's = (s or "") .. ("y"):rep(997) .. tostring({})',
    'c = coroutine.wrap(function() for i = 1, 1e9 do coroutine.yield(i) end end) c()',
    'n = (n or 0) + (c and c() or 1)',
    'error(setmetatable({}, {__tostring = function() return "odd" end}))',
    'local function deep(i) if i > 0 then return pcall(deep, i - 1) end end deep(150)',
    'return string.format("%.14g %s", math.pi * (n or 1), os.date())',
    'for k, v in pairs(_G) do last = k end return last',
  );

  test('give the same state with and without checkpoints in between', () => {
    const image = imageOf(RUNNER);
    const property = fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const straight = createMachine(image);
      let broken = createMachine(image);
      let last: Checkpoint | undefined; // with which each one shares what it can
      for (const source of steps) {
        const answer = straight.evaluate(source, '');
        const bytes = encodeCheckpoint(broken.checkpoint());
        broken.dispose();
        broken = createMachine(image, { checkpoint: decodeCheckpoint(bytes) });
        expect(broken.evaluate(source, '')).toBe(answer);
        expect(broken.hash()).toBe(straight.hash());
        last = straight.checkpoint(last);
        expect(hashCheckpoint(last)).toBe(straight.hash());
      }
      straight.dispose();
      broken.dispose();
    });
    fc.assert(property, { seed: 20, numRuns: 30 });
  });
});
