import { describe, expect, test } from 'vitest';
import { showAddress, showValue, showWord } from '../../../herd/dispute/show-value.js';

const floats = (...values: number[]) =>
  Buffer.from(new Float32Array(values).buffer).toString('hex');
const words = (...values: number[]) => Buffer.from(new Int32Array(values).buffer).toString('hex');

describe('a slot is shown as the instruction means it', () => {
  test.each([
    ['f32x4.mul', floats(1.5, -0.25, 0, -0), '1.5  -0.25  0  -0'],
    ['f32.add', floats(0.1, 0, 0, 0), '0.100000001'],
    ['f32.div', '0000c07f', 'NaN'],
    ['i32x4.add', words(1, -2, 3, 2 ** 31 - 1), '1  -2  3  2147483647'],
    ['i16x8.add', words(65_537, 0, 0, -1), '1  1  0  0  0  0  -1  -1'],
    ['i64.load', 'ffffffffffffffff0000000000000000', '-1'],
    ['v128.store', floats(22.5, -1, 0.125, 0), '22.5  -1  0.125  0'],
    ['v128.xor', words(1, 2, 3, 4), '01000000 02000000 03000000 04000000'],
    ['move', words(7, 0, 0, 0), '07000000 00000000 00000000 00000000'],
  ])('%s', (opcode, hex, text) => {
    expect(showValue(hex, opcode)).toBe(text);
  });
});

test('two neighbouring floats are told apart', () => {
  const [one, next] = [new Float32Array([1]), new Float32Array([1.0000001192092896])];
  const show = (value: Float32Array) => showValue(floats(value[0]!), 'f32.add');
  expect(show(one)).not.toBe(show(next));
});

test('addresses and words of memory', () => {
  expect(showAddress(words(0xa19600, 0, 0, 0))).toBe('address 0xa19600');
  expect(showWord(words(406))).toBe('406');
  expect(showWord(floats(-2.5))).toBe('-2.5');
});
