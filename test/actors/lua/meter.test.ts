import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { meterModule } from '../../../actors/lua/meter.js';
import { readU32, skipInstruction, writeU32 } from '../../../actors/lua/wasm-bytes.js';

interface Counting {
  readonly gas: WebAssembly.Global<'i64'>;
  count(turns: number): number;
  fill(bytes: number): void;
}

/**
 * (module (memory 16) (global (mut i32) (i32.const 0)) (export "count") (export "fill")
 *   (func $count (param i32) (result i32) (local i32)
 *     (loop (local.set 1 (i32.add (local.get 1) (i32.const 1)))
 *       (br_if 0 (i32.lt_u (local.get 1) (local.get 0)))) (local.get 1))
 *   (func $fill (param i32) (memory.fill (i32.const 0) (i32.const 1) (local.get 0))))
 */
const MODULE = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x0a, 0x02, 0x60, 0x01, 0x7f, 0x01, 0x7f, 0x60, 0x01, 0x7f, 0x00],
  ...[0x03, 0x03, 0x02, 0x00, 0x01],
  ...[0x05, 0x03, 0x01, 0x00, 0x10],
  ...[0x06, 0x06, 0x01, 0x7f, 0x01, 0x41, 0x00, 0x0b],
  ...[0x07, 0x10, 0x02, 0x05, ...Buffer.from('count'), 0x00, 0x00],
  ...[0x04, ...Buffer.from('fill'), 0x00, 0x01],
  ...[0x0a, 0x25, 0x02],
  ...[0x17, 0x01, 0x01, 0x7f, 0x03, 0x40, 0x20, 0x01, 0x41, 0x01, 0x6a, 0x21, 0x01],
  ...[0x20, 0x01, 0x20, 0x00, 0x49, 0x0d, 0x00, 0x0b, 0x20, 0x01, 0x0b],
  ...[0x0b, 0x00, 0x41, 0x00, 0x41, 0x01, 0x20, 0x00, 0xfc, 0x0b, 0x00, 0x0b],
]);

function instantiate(): Counting {
  const module = new WebAssembly.Module(meterModule(MODULE));
  return new WebAssembly.Instance(module).exports as unknown as Counting;
}

describe('a metered module', () => {
  test('pays one unit for a call and each turn of a loop', () => {
    const { gas, count } = instantiate();
    gas.value = 1000n;
    expect(count(10)).toBe(10);
    expect(gas.value).toBe(989n);
  });

  test('traps when the gas is used up, and not before', () => {
    const { gas, count } = instantiate();
    gas.value = 11n;
    expect(count(10)).toBe(10);
    expect(gas.value).toBe(0n);
    expect(() => count(1)).toThrow(WebAssembly.RuntimeError);
    expect(gas.value).toBe(-1n);
  });

  test('pays one unit for each 64 bytes written in bulk', () => {
    const { gas, fill } = instantiate();
    gas.value = 1000n;
    fill(6400);
    expect(gas.value).toBe(899n);
  });
});

test('the Lua interpreter is understood to the last byte', () => {
  const entry = createRequire(import.meta.url).resolve('wasmoon');
  const glue = readFileSync(join(dirname(entry), 'glue.wasm'));
  const metered = meterModule(glue);
  const exportsOf = (bytes: Uint8Array) =>
    WebAssembly.Module.exports(new WebAssembly.Module(Uint8Array.from(bytes)));
  expect(exportsOf(metered)).toEqual([...exportsOf(glue), { name: 'gas', kind: 'global' }]);
});

describe('the binary format', () => {
  test.each([0, 1, 127, 128, 16_384, 2 ** 31, 2 ** 32 - 1])('writes and reads %d', (value) => {
    const cursor = { bytes: Uint8Array.from(writeU32(value)), at: 0 };
    expect(readU32(cursor)).toBe(value);
    expect(cursor.at).toBe(cursor.bytes.length);
  });

  test.each([
    ['a truncated number', [0x80]],
    ['a number that never ends', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80]],
  ])('refuses %s', (_, bytes) => {
    expect(() => readU32({ bytes: Uint8Array.from(bytes), at: 0 })).toThrow(
      expect.objectContaining({ code: 'LUA_WASM_UNKNOWN' }),
    );
  });

  test.each([
    ['a reserved opcode', [0x07]],
    ['vectors', [0xfd, 0x00]],
    ['an unknown prefixed one', [0xfc, 0x40]],
  ])('refuses %s', (_, bytes) => {
    expect(() => skipInstruction({ bytes: Uint8Array.from(bytes), at: 0 })).toThrow(
      expect.objectContaining({ code: 'LUA_WASM_UNKNOWN' }),
    );
  });
});
