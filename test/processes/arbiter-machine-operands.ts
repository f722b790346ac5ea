/** Operands that are likely to go wrong, and random ones: the same on every run. */
import { createHash } from 'node:crypto';
import type { Opcode } from '../../opml/machine/opcodes.js';
import { SIZES, SLOT, signatureOf, type ValueType } from './arbiter-machine-v8.js';

/** Bytes that look random. */
export function noise(seed: string, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash('sha256').update(`${seed} ${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

const INTEGERS = [0, 1, 2, 3, 7, 31, 32, 33, 63, 64, 127, 128, 255, 32767, 32768, 65535, 65536];
const EDGES = [31n, 32n, 53n, 54n, 62n, 63n, 64n].flatMap((bits) =>
  [-1025n, -1024n, -513n, -2n, -1n, 0n, 1n, 2n, 1023n, 1025n, 2049n].map((by) => 2n ** bits + by),
);
/** Halfway between two f32 but for a bit: rounded to f64 first, they would round wrong. */
const HALVES = [54n, 55n, 60n, 62n, 63n].flatMap((bits) =>
  [-1n, 0n, 1n].map((by) => 2n ** bits + 2n ** (bits - 24n) + by),
);
const WHOLE = [...INTEGERS.map(BigInt), ...EDGES, ...HALVES].flatMap((value) => [value, -value]);

const REAL = [0, 0.25, 0.5, 0.75, 1, 1.5, 2.5, 3.5, 0.1, 1 / 3, 1e-38, 1e38, 1e-45, 1e300, 5e-324];
const POWERS = [22, 23, 24, 31, 32, 51, 52, 53, 62, 63, 64, 126, 127, 128].flatMap((bits) =>
  [-1, -0.5, 0, 0.5, 1].map((by) => 2 ** bits + by),
);
const NEAR = [31, 32, 63, 64].flatMap((bits) => [
  2 ** bits * (1 - 2 ** -24),
  2 ** bits * (1 - 2 ** -53),
  2 ** bits * (1 + 2 ** -23),
  2 ** bits * (1 + 2 ** -52),
]);
const NUMBERS = [...REAL, ...POWERS, ...NEAR, Infinity].flatMap((value) => [value, -value]);

/** Subnormals, the largest, the smallest; quiet and signalling NaNs of either sign. */
const BITS32 = [
  0x00000001, 0x80000001, 0x007fffff, 0x00800000, 0x7f7fffff, 0xff7fffff, 0x7fc00000, 0xffc00000,
  0x7f800001, 0xffbfffff, 0x7fffffff, 0x3f7fffff, 0x3effffff, 0x4affffff, 0x5f7fffff, 0x4f7fffff,
];
const BITS64 = [
  0x0000000000000001n,
  0x800fffffffffffffn,
  0x0010000000000000n,
  0x7fefffffffffffffn,
  0x7ff8000000000000n,
  0xfff8000000000001n,
  0x7ff0000000000001n,
  0x3fefffffffffffffn,
  0x3fdfffffffffffffn,
  0x47efffffefffffffn,
  0x47effffff0000000n,
  0x36a0000000000000n,
  0x3690000000000000n,
  0x3690000000000001n,
  0x380fffffe0000000n,
  0x380fffffffffffffn,
];

function bytesOf(size: number, write: (view: DataView) => void): Buffer {
  const bytes = Buffer.alloc(size);
  write(new DataView(bytes.buffer, bytes.byteOffset));
  return bytes;
}

const VALUES: Record<Exclude<ValueType, 'v128'>, Buffer[]> = {
  i32: WHOLE.map((value) =>
    bytesOf(4, (view) => view.setInt32(0, Number(BigInt.asIntN(32, value)), true)),
  ),
  i64: WHOLE.map((value) => bytesOf(8, (view) => view.setBigInt64(0, value, true))),
  f32: [
    ...NUMBERS.map((value) => bytesOf(4, (view) => view.setFloat32(0, value, true))),
    ...BITS32.map((bits) => bytesOf(4, (view) => view.setUint32(0, bits, true))),
  ],
  f64: [
    ...NUMBERS.map((value) => bytesOf(8, (view) => view.setFloat64(0, value, true))),
    ...BITS64.map((bits) => bytesOf(8, (view) => view.setBigUint64(0, bits, true))),
  ],
};

/** One value of a type; most are edges, every fourth is random. */
function pick(type: ValueType, random: () => number): Buffer {
  if (type === 'v128') {
    const lane = (['i32', 'f32', 'i64', 'i32'] as const)[random() % 4] ?? 'i32';
    const count = SLOT / SIZES[lane];
    return Buffer.concat(Array.from({ length: count }, () => pick(lane, random)));
  }
  const size = SIZES[type];
  if (random() % 4 === 0) return bytesOf(size, (view) => fill(view, random));
  const values = VALUES[type];
  return values[random() % values.length] as Buffer;
}

function fill(view: DataView, random: () => number): void {
  for (let at = 0; at < view.byteLength; at += 4) view.setUint32(at, random(), true);
}

export interface Case {
  /** Three slots. */
  readonly slots: Uint8Array;
  readonly immediate: Uint8Array;
}

/** Unsigned 32-bit numbers. */
export function createRandom(seed: string): () => number {
  let block: Buffer = Buffer.alloc(0);
  let rounds = 0;
  return () => {
    if (block.length < 4) {
      block = noise(`${seed} ${rounds}`, 4096);
      rounds += 1;
    }
    const value = block.readUInt32LE(0);
    block = block.subarray(4);
    return value;
  };
}

/**
 * Operands for an instruction: each edge alone or with a random one; if there are two, each edge
 * with itself, with the other sign, with all bits set and with zero; then mixed, up to a count.
 */
export function casesFor(opcode: Opcode, count: number): Case[] {
  const { operands } = signatureOf(opcode);
  const [first = 'i32', second] = operands;
  const random = createRandom(opcode.name);
  const immediates = Array.from({ length: 8 }, () => immediateFor(opcode, random));
  const values: Buffer[][] = [];
  if (first !== 'v128') {
    const edges = VALUES[first];
    const rest = operands.slice(1);
    values.push(...edges.map((edge) => [edge, ...rest.map((type) => pick(type, random))]));
    if (second === first) values.push(...edges.flatMap(withPartners));
  }
  while (values.length < count) values.push(operands.map((type) => pick(type, random)));
  return values.map((parts, index) => {
    const slots = Buffer.alloc(3 * SLOT);
    parts.forEach((part, i) => {
      slots.set(part, SLOT * i);
    });
    return { slots, immediate: immediates[index % immediates.length] as Buffer };
  });
}

function withPartners(edge: Buffer): Buffer[][] {
  const flipped = Buffer.from(edge);
  const top = edge.length - 1;
  flipped.writeUInt8(edge.readUInt8(top) ^ 0x80, top);
  const partners = [edge, flipped, Buffer.alloc(edge.length, 0xff), Buffer.alloc(edge.length)];
  return partners.map((partner) => [edge, partner]);
}

function immediateFor({ name, lanes }: Opcode, random: () => number): Buffer {
  const isShuffle = name === 'i8x16.shuffle';
  const bytes = Array.from({ length: SLOT }, (_, i) => {
    if (isShuffle) return random() % 32;
    return i === 0 && lanes > 0 ? random() % lanes : 0;
  });
  return Buffer.from(bytes);
}
