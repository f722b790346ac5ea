/**
 * Writes GGUF version 3 files, for the converter and for models made by tests and benchmarks. What it
 * writes, gguf.ts reads.
 * Source: ggml docs/gguf.md.
 */
import type { TensorType } from './gguf.js';

export type MetadataEntry =
  | readonly [key: string, type: 'u32' | 'i32' | 'f32', value: number]
  | readonly [key: string, type: 'bool', value: boolean]
  | readonly [key: string, type: 'string', value: string]
  | readonly [key: string, type: 'strings', value: readonly string[]]
  | readonly [key: string, type: 'f32s' | 'i32s', value: readonly number[]];

export interface TensorSpec {
  readonly name: string;
  /** As GGUF orders them: the contiguous dimension first. */
  readonly dims: readonly number[];
  /** A format's name, or any number to write a type that readers do not know. */
  readonly format: TensorType | number;
  readonly data: Uint8Array;
}

const TENSOR_FORMAT_IDS = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 8 } as const;
const VALUE_IDS = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;
const ALIGNMENT = 32;

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
