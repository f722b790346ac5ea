/**
 * Writes GGUF version 3 files: just enough to make models for tests and benchmarks, with the same
 * block formats and rounding as llama.cpp's reference quantisers.
 * Source: ggml docs/gguf.md; ggml-quants.c quantize_row_q8_0_ref, quantize_row_q4_0_ref.
 */
export type MetadataEntry =
  | readonly [key: string, type: 'u32' | 'i32' | 'f32', value: number]
  | readonly [key: string, type: 'bool', value: boolean]
  | readonly [key: string, type: 'string', value: string]
  | readonly [key: string, type: 'strings', value: readonly string[]]
  | readonly [key: string, type: 'f32s' | 'i32s', value: readonly number[]];

export type TensorFormat = 'F32' | 'F16' | 'Q4_0' | 'Q8_0';

export interface TensorSpec {
  readonly name: string;
  /** As GGUF orders them: the contiguous dimension first. */
  readonly dims: readonly number[];
  /** A format's name, or any number to write a type that readers do not know. */
  readonly format: TensorFormat | number;
  readonly data: Uint8Array;
}

const TENSOR_FORMAT_IDS = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 8 } as const;
const VALUE_IDS = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;
const ALIGNMENT = 32;
const BLOCK = 32;

/** Bytes of a GGUF file. */
export function writeGguf(
  metadata: readonly MetadataEntry[],
  tensors: readonly TensorSpec[],
  version = 3,
): Uint8Array {
  const head: Uint8Array[] = [new TextEncoder().encode('GGUF'), u32(version)];
  head.push(u64(tensors.length), u64(metadata.length));
  for (const entry of metadata) head.push(text(entry[0]), ...metadataValue(entry));
  let offset = 0;
  for (const { name, dims, format, data } of tensors) {
    const id = typeof format === 'number' ? format : TENSOR_FORMAT_IDS[format];
    head.push(text(name), u32(dims.length), ...dims.map(u64), u32(id), u64(offset));
    offset = align(offset + data.length);
  }
  const headLength = align(head.reduce((sum, part) => sum + part.length, 0));
  const file = new Uint8Array(headLength + offset);
  let at = 0;
  for (const part of head) {
    file.set(part, at);
    at += part.length;
  }
  at = headLength;
  for (const { data } of tensors) {
    file.set(data, at);
    at = align(at + data.length);
  }
  return file;
}

/** The bytes of a tensor's values in the given format. */
export function encodeTensor(values: Float32Array, format: TensorFormat): Uint8Array {
  if (format === 'F32') return new Uint8Array(values.slice().buffer);
  if (format === 'F16') return new Uint8Array(Uint16Array.from(values, floatToHalf).buffer);
  return format === 'Q8_0' ? quantizeQ8(values) : quantizeQ4(values);
}

function quantizeQ8(values: Float32Array): Uint8Array {
  const out = new DataView(new ArrayBuffer((values.length / BLOCK) * 34));
  for (let block = 0; block < values.length / BLOCK; block++) {
    const row = values.subarray(block * BLOCK, (block + 1) * BLOCK);
    const scale = Math.fround(row.reduce((max, v) => Math.max(max, Math.abs(v)), 0) / 127);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    out.setUint16(block * 34, floatToHalf(scale), true);
    row.forEach((v, i) => {
      out.setInt8(block * 34 + 2 + i, Math.round(Math.fround(v * inverse)));
    });
  }
  return new Uint8Array(out.buffer);
}

function quantizeQ4(values: Float32Array): Uint8Array {
  const out = new DataView(new ArrayBuffer((values.length / BLOCK) * 18));
  for (let block = 0; block < values.length / BLOCK; block++) {
    const row = values.subarray(block * BLOCK, (block + 1) * BLOCK);
    const extreme = row.reduce((max, v) => (Math.abs(v) > Math.abs(max) ? v : max), 0);
    const scale = Math.fround(extreme / -8);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    const nibble = (v: number) => Math.min(15, Math.trunc(Math.fround(v * inverse) + 8.5));
    out.setUint16(block * 18, floatToHalf(scale), true);
    for (let i = 0; i < 16; i++) {
      out.setUint8(block * 18 + 2 + i, nibble(row[i]!) | (nibble(row[i + 16]!) << 4));
    }
  }
  return new Uint8Array(out.buffer);
}

/** IEEE 754 half of a number, rounded to nearest, ties to even. */
export function floatToHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(Math.fround(value));
  if (Number.isNaN(magnitude)) return 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundEven(magnitude * 2 ** 24);
  let exponent = 15;
  let significand = magnitude;
  for (; significand >= 2; significand /= 2) exponent += 1;
  for (; significand < 1; significand *= 2) exponent -= 1;
  return sign | ((exponent << 10) + roundEven(significand * 1024) - 1024);
}

function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

function metadataValue(entry: MetadataEntry): Uint8Array[] {
  const [, type, value] = entry;
  switch (type) {
    case 'string':
      return [u32(VALUE_IDS.string), text(value)];
    case 'bool':
      return [u32(VALUE_IDS.bool), Uint8Array.of(value ? 1 : 0)];
    case 'u32':
    case 'i32':
      return [u32(VALUE_IDS[type]), u32(value)];
    case 'f32':
      return [u32(VALUE_IDS.f32), new Uint8Array(Float32Array.of(value).buffer)];
    case 'strings':
      return [u32(VALUE_IDS.array), u32(VALUE_IDS.string), u64(value.length), ...value.map(text)];
    case 'f32s':
      return array(VALUE_IDS.f32, value.length, new Uint8Array(Float32Array.from(value).buffer));
    case 'i32s':
      return array(VALUE_IDS.i32, value.length, new Uint8Array(Int32Array.from(value).buffer));
  }
}

function array(id: number, length: number, bytes: Uint8Array): Uint8Array[] {
  return [u32(VALUE_IDS.array), u32(id), u64(length), bytes];
}

function text(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value);
  const out = new Uint8Array(8 + bytes.length);
  out.set(u64(bytes.length));
  out.set(bytes, 8);
  return out;
}

const u32 = (value: number) => new Uint8Array(Uint32Array.of(value >>> 0).buffer);
const u64 = (value: number) => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);
const align = (offset: number) => Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
