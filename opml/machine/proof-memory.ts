/**
 * What the judge makes of bytes that were loaded, and which bytes it stores.
 */
import { type Value, zeroValue } from './proof-scalars.js';

/** How loads that do not just copy their bytes fill a slot: from bits, to bits, how many, signed. */
const WIDENING = /load(8|16|32)(?:x(\d))?_([su])$/;

/** The value that a load puts into its slot. */
export function loadValue(name: string, bytes: Uint8Array): Value {
  if (name.endsWith('_splat')) return repeat(bytes);
  const widening = WIDENING.exec(name);
  if (widening === null) return copy(bytes);
  const from = Number(widening[1]) / 8;
  const to = widening[2] === undefined ? (name.startsWith('i32') ? 4 : 8) : 2 * from;
  return widen(bytes, from, to, widening[3] === 's');
}

/** The bytes that a store writes: the lowest of its operand. */
export function storedBytes(value: Value, count: number): Uint8Array {
  return new Uint8Array(value.buffer, value.byteOffset, count).slice();
}

function copy(bytes: Uint8Array): Value {
  const value = zeroValue();
  for (const [at, byte] of bytes.entries()) value.setUint8(at, byte);
  return value;
}

function repeat(bytes: Uint8Array): Value {
  const value = zeroValue();
  for (let at = 0; at < 16; at += 1) value.setUint8(at, bytes[at % bytes.length] as number);
  return value;
}

/** Each run of `from` bytes as one of `to` bytes, filled up with zeros or with the sign. */
function widen(bytes: Uint8Array, from: number, to: number, signed: boolean): Value {
  const value = zeroValue();
  for (let lane = 0; lane * from < bytes.length; lane += 1) {
    const top = bytes[lane * from + from - 1] as number;
    const filling = signed && top >= 0x80 ? 0xff : 0;
    for (let at = 0; at < to; at += 1) {
      value.setUint8(lane * to + at, at < from ? (bytes[lane * from + at] as number) : filling);
    }
  }
  return value;
}
