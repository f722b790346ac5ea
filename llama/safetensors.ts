/**
 * Reads safetensors files: a JSON header that describes tensors, whose data stay views of the given
 * bytes. Everything is checked as the format demands: the header's length and JSON, types, shapes,
 * and offsets that cover the data without a gap or an overlap.
 * Source: huggingface/safetensors README.md, "Format".
 */
import { LlamaError } from './errors.js';

/** Bytes that a value takes, by type. */
const TYPE_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
} as const;

export type SafetensorsType = keyof typeof TYPE_BYTES;

export interface SafetensorsTensor {
  readonly name: string;
  readonly type: SafetensorsType;
  /** The contiguous dimension last: a matrix is [rows, columns]. */
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

export interface Safetensors {
  /** Texts by key, from `__metadata__`. */
  readonly metadata: ReadonlyMap<string, string>;
  /** By name, in the order of the header. */
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
}

const LENGTH_BYTES = 8;
const MAX_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';

/** @throws {LlamaError} SAFETENSORS_MALFORMED */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const headerBytes = readHeaderLength(bytes);
  const data = bytes.subarray(LENGTH_BYTES + headerBytes);
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + headerBytes));
  const { [METADATA]: metadata, ...entries } = header;
  const tensors = Object.entries(entries).map(([name, entry]) => locateTensor(name, entry, data));
  checkCoverage(tensors, data);
  return {
    metadata: readMetadata(metadata),
    tensors: new Map(tensors.map(({ start: _, ...tensor }) => [tensor.name, tensor])),
  };
}

/**
 * A tensor's values as single floats; doubles are rounded.
 *
 * @throws {LlamaError} SAFETENSORS_UNSUPPORTED_TYPE for a type that is no float of 16, 32 or 64 bits
 */
export function floatsOf({ name, type, data }: SafetensorsTensor): Float32Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const size = TYPE_BYTES[type];
  const read = FLOAT_READERS[type];
  if (read === undefined) {
    throw new LlamaError('SAFETENSORS_UNSUPPORTED_TYPE', `The tensor "${name}" is ${type}.`, {
      name,
      type,
    });
  }
  return Float32Array.from({ length: data.length / size }, (_, i) => read(view, i * size));
}

const FLOAT_READERS: Partial<Record<SafetensorsType, (view: DataView, at: number) => number>> = {
  F64: (view, at) => view.getFloat64(at, true),
  F32: (view, at) => view.getFloat32(at, true),
  F16: (view, at) => halfToFloat(view.getUint16(at, true)),
  BF16: (view, at) => upperHalfToFloat(view.getUint16(at, true)),
};

function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A bfloat16 is the upper half of a single float. */
function upperHalfToFloat(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits << 16);
  return view.getFloat32(0);
}

function readHeaderLength(bytes: Uint8Array): number {
  if (bytes.length < LENGTH_BYTES) {
    throw malformed(`The file has ${bytes.length} bytes, fewer than its header's length takes.`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES || Number(length) > bytes.length - LENGTH_BYTES) {
    const room = bytes.length - LENGTH_BYTES;
    throw malformed(`The file gives its header ${length} bytes, with ${room} left.`, { length });
  }
  return Number(length);
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw malformed(`The file's header is no JSON: ${(error as Error).message}.`);
  }
  if (bytes[0] !== '{'.charCodeAt(0) || !isRecord(header)) {
    throw malformed("The file's header is not a JSON object.");
  }
  return header;
}

function readMetadata(metadata: unknown = {}): ReadonlyMap<string, string> {
  const isText = (value: unknown): value is string => typeof value === 'string';
  if (!isRecord(metadata) || !Object.values(metadata).every(isText)) {
    throw malformed(`The file's ${METADATA} is not an object of texts.`);
  }
  return new Map(Object.entries(metadata as Record<string, string>));
}

function locateTensor(name: string, entry: unknown, data: Uint8Array) {
  const { dtype: type, shape, data_offsets: offsets, ...rest } = isRecord(entry) ? entry : {};
  const [extra] = Object.keys(rest);
  if (extra !== undefined) throw malformed(`The tensor "${name}" has the unknown key "${extra}".`);
  if (typeof type !== 'string' || !Object.hasOwn(TYPE_BYTES, type)) {
    throw malformed(`The tensor "${name}" has the unknown type ${JSON.stringify(type)}.`, { name });
  }
  const size = TYPE_BYTES[type as SafetensorsType];
  if (!isCounts(shape)) {
    throw malformed(`The tensor "${name}" has the shape ${JSON.stringify(shape)}.`, { name });
  }
  const [start = 0, end = 0] = isCounts(offsets) && offsets.length === 2 ? offsets : [1, 0];
  const wanted = shape.reduce((product, dim) => product * dim, size);
  if (start > end || end > data.length || end - start !== wanted) {
    throw malformed(
      `The tensor "${name}" of ${wanted} bytes lies at ${JSON.stringify(offsets)} of ${data.length}.`,
      { name, wanted, offsets, size: data.length },
    );
  }
  return { name, type: type as SafetensorsType, shape, data: data.subarray(start, end), start };
}

function checkCoverage(
  tensors: readonly { name: string; start: number; data: Uint8Array }[],
  data: Uint8Array,
): void {
  let covered = 0;
  const inOrder = [...tensors].sort((a, b) => a.start - b.start || a.data.length - b.data.length);
  for (const { name, start, data: own } of inOrder) {
    if (start !== covered) {
      const what = start > covered ? 'a gap before' : 'an overlap with';
      throw malformed(`The file has ${what} the tensor "${name}" at ${start}.`, { name, start });
    }
    covered += own.length;
  }
  if (covered !== data.length) {
    throw malformed(`The file has ${data.length - covered} bytes that belong to no tensor.`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && one >= 0);
}

function malformed(message: string, details: Readonly<Record<string, unknown>> = {}): LlamaError {
  return new LlamaError('SAFETENSORS_MALFORMED', message, details);
}
