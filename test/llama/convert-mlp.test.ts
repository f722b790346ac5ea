import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type ConvertOptions, convertMlp } from '../../llama/convert-mlp.js';
import { floatToHalf } from '../../llama/encode-tensor.js';
import { readGguf } from '../../llama/gguf.js';
import {
  readSafetensors,
  type Safetensors,
  type SafetensorsTensor,
} from '../../llama/safetensors.js';

const SCALE = { input_scale: '0.5' };

function source(
  shapes: Readonly<Record<string, readonly number[]>>,
  metadata: Readonly<Record<string, string>> = SCALE,
  value = (i: number) => i / 64,
): Safetensors {
  const tensors = Object.entries(shapes).map(([name, shape]): [string, SafetensorsTensor] => {
    const count = shape.reduce((product, dim) => product * dim, 1);
    const data = new Uint8Array(Float32Array.from({ length: count }, (_, i) => value(i)).buffer);
    return [name, { name, type: 'F32', shape, data }];
  });
  return { metadata: new Map(Object.entries(metadata)), tensors: new Map(tensors) };
}

const TINY = { 'fc1.weight': [3, 4], 'fc1.bias': [3], 'fc2.weight': [2, 3], 'fc2.bias': [2] };

describe('convertMlp', () => {
  test('gives the committed model from the committed weights, byte for byte', () => {
    const file = (name: string) => readFileSync(new URL(`../../models/${name}`, import.meta.url));
    const { gguf, ...facts } = convertMlp(readSafetensors(file('digits-20.safetensors')));
    expect(facts).toEqual({
      name: 'digits-20',
      shape: [784, 20, 10],
      parameters: 15_910,
      labels: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
      inputScale: 1 / 255,
      format: 'F32',
    });
    expect(Buffer.from(gguf).equals(file('digits-20.gguf'))).toBe(true);
  });

  test('says all that the engine must know', () => {
    const options = { labels: ['cat', 'dog'], name: 'pets' };
    const { gguf } = convertMlp(source(TINY), options);
    const { metadata, tensors } = readGguf(gguf);
    expect(Object.fromEntries(metadata)).toEqual({
      'general.architecture': 'mlp',
      'general.name': 'pets',
      'general.file_type': 0,
      'mlp.block_count': 2,
      'mlp.input_length': 4,
      'mlp.input_scale': 0.5,
      'mlp.activation': 'relu',
      'mlp.labels': ['cat', 'dog'],
    });
    const shapes = [...tensors.values()].map(({ name, dims }) => [name, ...dims]);
    expect(shapes).toEqual([
      ['layer.0.weight', 4, 3],
      ['layer.0.bias', 3],
      ['layer.1.weight', 3, 2],
      ['layer.1.bias', 2],
    ]);
  });

  test('takes layers in the order of their numbers, and a missing bias for zeros', () => {
    const { gguf, shape } = convertMlp(
      source({ 'net.10.weight': [2, 3], 'net.2.weight': [3, 5], 'net.0.weight': [5, 4] }),
    );
    expect(shape).toEqual([4, 5, 3, 2]);
    expect(readGguf(gguf).tensors.get('layer.2.bias')?.data).toEqual(new Uint8Array(8));
  });

  test('writes halves', () => {
    const { gguf } = convertMlp(source(TINY), { format: 'F16' });
    const { metadata, tensors } = readGguf(gguf);
    const words = new Uint16Array(tensors.get('layer.0.weight')!.data.slice().buffer);
    expect([...words]).toEqual(Array.from({ length: 12 }, (_, i) => floatToHalf(i / 64)));
    expect(metadata.get('general.file_type')).toBe(1);
  });

  test('fills rows up to whole blocks', () => {
    const { gguf } = convertMlp(
      source({ 'a.weight': [2, 33] }, SCALE, () => 1),
      { format: 'Q8_0' },
    );
    const { metadata, tensors } = readGguf(gguf);
    const { dims, data } = tensors.get('layer.0.weight')!;
    expect(dims).toEqual([64, 2]);
    const quants = (block: number) => [...data.subarray(34 * block + 2, 34 * block + 34)];
    expect(quants(2)).toEqual(Array.from({ length: 32 }, () => 127));
    expect(quants(3)).toEqual([127, ...Array.from({ length: 31 }, () => 0)]);
    expect(metadata.get('mlp.input_length')).toBe(33);
    expect(metadata.get('general.file_type')).toBe(7);
  });

  test.each<[string, Safetensors, ConvertOptions, string, RegExp]>([
    ['no layer', source({}), {}, 'CONVERT_UNKNOWN_MODEL', /no linear layer/],
    [
      'a convolution',
      source({ 'c.weight': [2, 2, 3, 3] }),
      {},
      'CONVERT_UNKNOWN_MODEL',
      /c\.weight/,
    ],
    ['a lone vector', source({ ...TINY, norm: [3] }), {}, 'CONVERT_UNKNOWN_MODEL', /"norm"/],
    [
      'a bias of another width',
      source({ ...TINY, 'fc2.bias': [3] }),
      {},
      'CONVERT_UNKNOWN_MODEL',
      /is 3, not 2/,
    ],
    [
      'layers that do not fit',
      source({ ...TINY, 'fc2.weight': [2, 4] }),
      {},
      'CONVERT_UNKNOWN_MODEL',
      /takes 4 values, but the one before gives 3/,
    ],
    [
      'another activation',
      source(TINY, { ...SCALE, activation: 'gelu' }),
      {},
      'CONVERT_UNKNOWN_MODEL',
      /gelu/,
    ],
    ['an unknown scale', source(TINY, {}), {}, 'CONVERT_BAD_OPTION', /input scale is NaN/],
    ['a scale of zero', source(TINY), { inputScale: 0 }, 'CONVERT_BAD_OPTION', /input scale is 0/],
    ['too few labels', source(TINY), { labels: ['one'] }, 'CONVERT_BAD_OPTION', /2 different ones/],
    [
      'a label twice',
      source(TINY),
      { labels: ['x', 'x'] },
      'CONVERT_BAD_OPTION',
      /2 different ones/,
    ],
    [
      'weights that are not finite',
      source(TINY, SCALE, () => Number.NaN),
      {},
      'MODEL_NOT_FINITE',
      /fc1\.weight/,
    ],
    [
      'weights beyond halves',
      source(TINY, SCALE, () => 65_520),
      { format: 'F16' },
      'MODEL_NOT_FINITE',
      /65520/,
    ],
  ])('refuses %s', (_, from, options, code, message) => {
    const convert = () => convertMlp(from, options);
    expect(convert).toThrow(expect.objectContaining({ code }));
    expect(convert).toThrow(message);
  });
});
