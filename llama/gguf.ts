/**
 * Reads GGUF model files, versions 2 and 3: metadata and a directory of tensors, whose data stay views
 * of the given bytes. Every length and offset is checked before it is used.
 * Source: ggml docs/gguf.md.
 */
import { ByteReader } from './byte-reader.js';
import { LlamaError } from './errors.js';

export type TensorType = 'F32' | 'F16' | 'Q4_0' | 'Q8_0';

export type MetadataValue = number | boolean | string | readonly MetadataValue[];

export interface Tensor {
  readonly name: string;
  readonly type: TensorType;
  /** The contiguous dimension first: a matrix is [columns, rows]. */
  readonly dims: readonly number[];
  readonly data: Uint8Array;
}

export interface Gguf {
  readonly version: number;
  readonly size: number;
  readonly metadata: ReadonlyMap<string, MetadataValue>;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** Values in a block and bytes that a block takes, for the types that can be read. */
const BLOCKS: Record<TensorType, { readonly values: number; readonly bytes: number }> = {
  F32: { values: 1, bytes: 4 },
  F16: { values: 1, bytes: 2 },
  Q4_0: { values: 32, bytes: 18 },
  Q8_0: { values: 32, bytes: 34 },
};

/** Names of ggml's tensor types by id, to name the ones that cannot be read. */
const TYPE_NAMES = new Map<number, string>(
  Object.entries({
    F32: 0,
    F16: 1,
    Q4_0: 2,
    Q4_1: 3,
    Q5_0: 6,
    Q5_1: 7,
    Q8_0: 8,
    Q8_1: 9,
    Q2_K: 10,
    Q3_K: 11,
    Q4_K: 12,
    Q5_K: 13,
    Q6_K: 14,
    Q8_K: 15,
    IQ2_XXS: 16,
    IQ2_XS: 17,
    IQ3_XXS: 18,
    IQ1_S: 19,
    IQ4_NL: 20,
    IQ3_S: 21,
    IQ2_S: 22,
    IQ4_XS: 23,
    I8: 24,
    I16: 25,
    I32: 26,
    I64: 27,
    F64: 28,
    IQ1_M: 29,
    BF16: 30,
    TQ1_0: 34,
    TQ2_0: 35,
    MXFP4: 39,
  }).map(([name, id]) => [id, name]),
);

const MAX_DIMS = 4;
const MAX_ARRAY_DEPTH = 2;
const ARRAY_TYPE = 9;
/** Fewest bytes that a value of each metadata type takes: bounds an array before it is read. */
const VALUE_BYTES = [1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8];

/** @throws {LlamaError} GGUF_* when the bytes are not a whole, readable GGUF file */
export function readGguf(bytes: Uint8Array): Gguf {
  const reader = new ByteReader(bytes);
  const version = readVersion(reader);
  const tensorCount = reader.u64('the number of tensors');
  const keyCount = reader.u64('the number of keys');
  const metadata = new Map<string, MetadataValue>();
  for (let i = 0; i < keyCount; i++) {
    const key = reader.text(`key ${i} of ${keyCount}`);
    if (metadata.has(key)) throw malformed(`The model file has the key "${key}" twice.`, { key });
    metadata.set(key, readValue(reader, reader.u32(`the type of "${key}"`), key, 0));
  }
  const entries: TensorEntry[] = [];
  for (let i = 0; i < tensorCount; i++) entries.push(readEntry(reader, i, tensorCount));
  const alignment = readAlignment(metadata);
  const base = Math.ceil(reader.position / alignment) * alignment;
  const tensors = new Map<string, Tensor>();
  for (const entry of entries) {
    if (tensors.has(entry.name)) {
      throw malformed(`The model file has the tensor "${entry.name}" twice.`, { name: entry.name });
    }
    tensors.set(entry.name, locateTensor(bytes, entry, base, alignment));
  }
  return { version, size: bytes.length, metadata, tensors };
}

interface TensorEntry {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: TensorType;
  readonly offset: number;
}

function readVersion(reader: ByteReader): number {
  const magic = reader.bytes.subarray(0, 4);
  if (String.fromCharCode(...magic) !== 'GGUF') {
    const found = [...magic].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    throw new LlamaError(
      'GGUF_NOT_GGUF',
      `The model file does not start with "GGUF" but with the bytes [${found}].`,
      { found, size: reader.bytes.length },
    );
  }
  reader.take(4, 'the magic');
  const version = reader.u32('the version');
  if (version !== 2 && version !== 3) {
    const why = version > 0xffff ? 'is big-endian or damaged' : `is GGUF version ${version}`;
    throw new LlamaError('GGUF_UNSUPPORTED_VERSION', `The model file ${why}.`, { version });
  }
  return version;
}

function readValue(reader: ByteReader, type: number, key: string, depth: number): MetadataValue {
  const what = `the value of "${key}"`;
  switch (type) {
    case 0:
      return reader.u8(what);
    case 1:
      return reader.i8(what);
    case 2:
      return reader.u16(what);
    case 3:
      return reader.i16(what);
    case 4:
      return reader.u32(what);
    case 5:
      return reader.i32(what);
    case 6:
      return reader.f32(what);
    case 7:
      return reader.u8(what) !== 0;
    case 8:
      return reader.text(what);
    case ARRAY_TYPE:
      return readArray(reader, key, depth);
    case 10:
      return reader.u64(what);
    case 11:
      return reader.i64(what);
    case 12:
      return reader.f64(what);
    default:
      throw malformed(`The key "${key}" has the unknown type ${type}.`, { key, type });
  }
}

function readArray(reader: ByteReader, key: string, depth: number): MetadataValue[] {
  const type = reader.u32(`the element type of "${key}"`);
  const length = reader.u64(`the length of "${key}"`);
  if (depth >= MAX_ARRAY_DEPTH) {
    throw malformed(`The key "${key}" nests arrays more than ${MAX_ARRAY_DEPTH} deep.`, { key });
  }
  const least = length * (VALUE_BYTES[type] ?? 1);
  if (least > reader.bytes.length - reader.position) reader.take(least, `the array "${key}"`);
  const values: MetadataValue[] = [];
  for (let i = 0; i < length; i++) values.push(readValue(reader, type, key, depth + 1));
  return values;
}

function readEntry(reader: ByteReader, index: number, count: number): TensorEntry {
  const name = reader.text(`the name of tensor ${index} of ${count}`);
  const what = `the description of tensor "${name}"`;
  const rank = reader.u32(what);
  if (rank < 1 || rank > MAX_DIMS) {
    throw malformed(`The tensor "${name}" has ${rank} dimensions.`, { name, rank });
  }
  const dims = Array.from({ length: rank }, () => reader.u64(what));
  const type = reader.u32(what);
  const typeName = TYPE_NAMES.get(type);
  if (typeName === undefined || !Object.hasOwn(BLOCKS, typeName)) {
    throw new LlamaError(
      'GGUF_UNSUPPORTED_TYPE',
      `The tensor "${name}" has type ${typeName ?? 'unknown'} (${type}), which the engine cannot read.`,
      { name, type, typeName },
    );
  }
  return { name, dims, type: typeName as TensorType, offset: reader.u64(what) };
}

function readAlignment(metadata: ReadonlyMap<string, MetadataValue>): number {
  const alignment = metadata.get('general.alignment') ?? 32;
  if (typeof alignment !== 'number' || alignment < 8 || !Number.isInteger(Math.log2(alignment))) {
    throw malformed(`The model file aligns its tensors to ${alignment} bytes.`, { alignment });
  }
  return alignment;
}

function locateTensor(
  bytes: Uint8Array,
  { name, dims, type, offset }: TensorEntry,
  base: number,
  alignment: number,
): Tensor {
  const block = BLOCKS[type];
  const columns = dims[0] ?? 0;
  const values = dims.reduce((product, dim) => product * dim, 1);
  if (values === 0 || columns % block.values !== 0) {
    throw malformed(`The tensor "${name}" is ${dims.join(' x ')}, which ${type} cannot hold.`, {
      name,
      dims,
      type,
    });
  }
  if (offset % alignment !== 0) {
    throw malformed(
      `The tensor "${name}" starts at ${offset}, which is not a multiple of ${alignment}.`,
      { name, offset, alignment },
    );
  }
  const length = (values / block.values) * block.bytes;
  const start = base + offset;
  if (start + length > bytes.length) {
    throw new LlamaError(
      'GGUF_TRUNCATED',
      `The model file ends within the tensor "${name}": ${start + length} bytes wanted of ${bytes.length}.`,
      { name, wanted: start + length, size: bytes.length },
    );
  }
  return { name, type, dims, data: bytes.subarray(start, start + length) };
}

function malformed(message: string, details: Readonly<Record<string, unknown>>): LlamaError {
  return new LlamaError('GGUF_MALFORMED', message, details);
}
