import { describe, expect, test } from 'vitest';
import { floatsOf, readSafetensors } from '../../llama/safetensors.js';

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly number[];
}

function file(header: unknown, data: Uint8Array | number = 0): Uint8Array {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  const head = new TextEncoder().encode(text);
  const body = typeof data === 'number' ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + head.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(head.length), true);
  bytes.set(head, 8);
  bytes.set(body, 8 + head.length);
  return bytes;
}

const float = (start = 0): Entry => ({
  dtype: 'F32',
  shape: [1],
  data_offsets: [start, start + 4],
});

describe('readSafetensors', () => {
  test('reads metadata and tensors as views of the bytes', () => {
    const bytes = file(
      { __metadata__: { name: 'two' }, b: float(4), a: float(0) },
      new Uint8Array(Float32Array.of(1.5, -2).buffer),
    );
    const { metadata, tensors } = readSafetensors(bytes);
    expect([...metadata]).toEqual([['name', 'two']]);
    expect([...tensors.keys()]).toEqual(['b', 'a']);
    expect(tensors.get('a')?.data.buffer).toBe(bytes.buffer);
    expect([...floatsOf(tensors.get('a')!), ...floatsOf(tensors.get('b')!)]).toEqual([1.5, -2]);
  });

  test('reads values that lie at an odd address', () => {
    const shifted = new Uint8Array(200);
    const bytes = file({ a: float() }, new Uint8Array(Float32Array.of(0.1).buffer));
    shifted.set(bytes, 3);
    const { tensors } = readSafetensors(shifted.subarray(3, 3 + bytes.length));
    expect(floatsOf(tensors.get('a')!)).toEqual(Float32Array.of(0.1));
  });

  test('takes empty tensors, scalars and trailing spaces', () => {
    const empty = { dtype: 'F32', shape: [0, 3], data_offsets: [0, 0] };
    const scalar = { dtype: 'I64', shape: [], data_offsets: [0, 8] };
    const { tensors } = readSafetensors(file(`${JSON.stringify({ empty, scalar })}   `, 8));
    expect(tensors.get('scalar')?.data.length).toBe(8);
    expect(tensors.get('empty')?.data.length).toBe(0);
  });

  const half = (bits: number) => Uint8Array.of(bits & 0xff, bits >> 8);
  test.each([
    ['F16', 0x3c00, 1],
    ['F16', 0xc500, -5],
    ['F16', 0x0001, 2 ** -24],
    ['F16', 0x83ff, -1023 * 2 ** -24],
    ['F16', 0xfc00, Number.NEGATIVE_INFINITY],
    ['F16', 0x7e01, Number.NaN],
    ['BF16', 0x3f80, 1],
    ['BF16', 0xc0a0, -5],
    ['BF16', 0x0001, 2 ** -133],
    ['BF16', 0x7f80, Number.POSITIVE_INFINITY],
  ])('reads %s 0x%s', (dtype, bits, value) => {
    const bytes = file({ a: { dtype, shape: [1], data_offsets: [0, 2] } }, half(bits));
    expect(floatsOf(readSafetensors(bytes).tensors.get('a')!)).toEqual(Float32Array.of(value));
  });

  test('does not take integers for weights', () => {
    const bytes = file({ a: { dtype: 'I8', shape: [2], data_offsets: [0, 2] } }, 2);
    expect(() => floatsOf(readSafetensors(bytes).tensors.get('a')!)).toThrow(
      expect.objectContaining({ code: 'SAFETENSORS_UNSUPPORTED_TYPE' }),
    );
  });

  const wide = new Uint8Array(24);
  new DataView(wide.buffer).setBigUint64(0, 2n ** 63n, true);
  test.each<[string, Uint8Array, RegExp]>([
    ['no length', new Uint8Array(7), /7 bytes/],
    ['a header longer than the file', file({}).subarray(0, 9), /gives its header 2 bytes/],
    ['a length beyond all files', wide, /gives its header 9223372036854775808 bytes/],
    ['no JSON', file('{'), /no JSON/],
    ['no UTF-8', new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe]), /no JSON/],
    ['an array', file('[]'), /not a JSON object/],
    ['space before the header', file(' {}'), /not a JSON object/],
    ['metadata that is no text', file({ __metadata__: { a: 1 } }), /__metadata__/],
    ['an unknown type', file({ a: { ...float(), dtype: 'F31' } }, 4), /unknown type "F31"/],
    ['a type of Object', file({ a: { ...float(), dtype: 'toString' } }, 4), /unknown type/],
    ['an unknown key', file({ a: { ...float(), scale: 1 } }, 4), /unknown key "scale"/],
    ['a negative dimension', file({ a: { ...float(), shape: [-1] } }, 4), /shape \[-1\]/],
    ['a broken dimension', file({ a: { ...float(), shape: [0.5] } }, 4), /shape \[0.5\]/],
    ['a shape beyond the data', file({ a: { ...float(), shape: [2] } }, 4), /of 8 bytes/],
    ['a shape that overflows', file({ a: { ...float(), shape: [2 ** 40, 2 ** 40] } }, 4), /bytes/],
    ['offsets beyond the file', file({ a: float(4) }, 4), /\[4,8\] of 4/],
    ['offsets in reverse', file({ a: { ...float(), data_offsets: [4, 0] } }, 4), /\[4,0\]/],
    ['one offset', file({ a: { ...float(), data_offsets: [0] } }, 4), /\[0\]/],
    ['a gap', file({ a: float(0), b: float(8) }, 12), /a gap before the tensor "b"/],
    ['an overlap', file({ a: float(0), b: float(0) }, 4), /an overlap with the tensor "b"/],
    ['bytes of no tensor', file({ a: float(0) }, 5), /1 bytes that belong to no tensor/],
    ['a tensor that is a number', file({ a: 1 }), /unknown type/],
  ])('refuses %s', (_, bytes, message) => {
    const read = () => readSafetensors(bytes);
    expect(read).toThrow(expect.objectContaining({ code: 'SAFETENSORS_MALFORMED' }));
    expect(read).toThrow(message);
  });
});
