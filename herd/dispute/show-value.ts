/** Values of the machine for people: what 16 bytes mean follows from the instruction that has them. */

type Reader = (view: DataView, at: number) => number | bigint;

const READERS: Record<string, { readonly bytes: number; readonly read: Reader }> = {
  f32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  f64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  i8: { bytes: 1, read: (view, at) => view.getInt8(at) },
  i16: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  i32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  i64: { bytes: 8, read: (view, at) => view.getBigInt64(at, true) },
};

/** `f32x4` in `f32x4.mul`, `i32` in `i32.load8_u`. */
const TYPE = /^([fi])(\d+)(?:x(\d+))?\./;

/**
 * @param hex the bytes in their order
 * @param opcode such as `f32x4.mul`; without a type in its name the value stays hex
 */
export function showValue(hex: string, opcode: string): string {
  const match = TYPE.exec(opcode);
  const reader = match ? READERS[`${match[1]}${match[2]}`] : undefined;
  if (reader === undefined) return showVector(hex);
  const bytes = Buffer.from(hex, 'hex');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lanes = Math.min(Number(match?.[3] ?? 1), Math.floor(bytes.length / reader.bytes));
  const values = Array.from({ length: lanes }, (_, lane) => reader.read(view, lane * reader.bytes));
  return values.map((value) => showNumber(value, reader.bytes)).join('  ');
}

/** The address in the low bytes of a slot. */
export function showAddress(hex: string): string {
  const address = Buffer.from(hex, 'hex').readUInt32LE(0);
  return `address 0x${address.toString(16)}`;
}

/** A word of memory of unknown type: a float when it looks like one, otherwise a number. */
export function showWord(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  return looksLikeFloat(bytes.readFloatLE(0)) ? showVector(hex) : `${bytes.readInt32LE(0)}`;
}

/** Numbers of this size are taken for what they are; other bits are hardly meant as floats. */
const FLOATS = { least: 1e-12, most: 1e12 };

/** Bits without a type: as four floats when they look like it, otherwise as they are. */
function showVector(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  const floats = Array.from({ length: bytes.length >> 2 }, (_, lane) =>
    bytes.readFloatLE(4 * lane),
  );
  const areFloats = floats.every((value) => Object.is(value, 0) || looksLikeFloat(value));
  return areFloats ? floats.map((value) => showNumber(value, 4)).join('  ') : groupHex(hex);
}

function looksLikeFloat(value: number): boolean {
  return Math.abs(value) > FLOATS.least && Math.abs(value) < FLOATS.most;
}

/** Enough digits to tell any two numbers of that size apart. */
function showNumber(value: number | bigint, bytes: number): string {
  if (typeof value === 'bigint' || Number.isInteger(value)) {
    return Object.is(value, -0) ? '-0' : `${value}`;
  }
  return `${Number(value.toPrecision(bytes === 4 ? 9 : 17))}`;
}

/** `00112233 44556677`: words of four bytes. */
function groupHex(hex: string): string {
  return hex.match(/.{1,8}/g)?.join(' ') ?? '';
}
