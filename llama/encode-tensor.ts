/**
 * Encodes values in the formats of GGUF tensors, with the blocks and the rounding of llama.cpp's
 * reference quantisers.
 * Source: ggml-quants.c quantize_row_q8_0_ref, quantize_row_q4_0_ref.
 */
import type { TensorType } from './gguf.js';

const BLOCK = 32;

/** The bytes of a tensor's values in the given format. */
export function encodeTensor(values: Float32Array, format: TensorType): Uint8Array {
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
    const nibble = (v = 0) => Math.min(15, Math.trunc(Math.fround(v * inverse) + 8.5));
    out.setUint16(block * 18, floatToHalf(scale), true);
    for (let i = 0; i < 16; i++) {
      out.setUint8(block * 18 + 2 + i, nibble(row[i]) | (nibble(row[i + 16]) << 4));
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
