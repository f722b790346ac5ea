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
  if (reader === undefined) return groupHex(hex);
  const bytes = Buffer.from(hex, 'hex');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lanes = Math.min(Number(match?.[3] ?? 1), Math.floor(bytes.length / reader.bytes));
  const values = Array.from({ length: lanes }, (_, lane) => reader.read(view, lane * reader.bytes));
  return values.map((value) => showNumber(value, reader.bytes)).join('  ');
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
