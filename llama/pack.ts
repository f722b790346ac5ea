/**
 * Writes a model's tensors into the engine's memory in the order that its kernels read. Q8_0 and Q4_0
 * both become tiles of 8-bit integers (engine/int8.ts describes them), so one kernel serves both; F32
 * and F16 rows stay as they are. Rows and columns are padded with zeros.
 */
import type { Tensor, TensorType } from './gguf.js';

/** Kinds of matrices, as in engine/memory.ts. */
export const MATRIX_KIND: Record<TensorType, number> = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 2 };

const TILE_ROWS = 16;
const BLOCK_COLUMNS = 32;
const TILE_BLOCK_BYTES = 544;
const TILE_SCALE_BYTES = 32;
const STEP_BYTES = 64;

/** Bytes of a matrix in the engine; rows are a multiple of 16, columns of 32. */
export function packedBytes(type: TensorType, rows: number, columns: number): number {
  if (type === 'F32') return rows * columns * 4;
  if (type === 'F16') return rows * columns * 2;
  return (rows / TILE_ROWS) * (columns / BLOCK_COLUMNS) * TILE_BLOCK_BYTES;
}

/** Writes a matrix, with padding to `columns`, at `address`; the memory there must be zero. */
export function packMatrix(
  tensor: Tensor,
  columns: number,
  memory: Uint8Array,
  address: number,
): void {
  if (tensor.type === 'Q8_0') packTiles(tensor, memory, address, 34, readWordQ8);
  else if (tensor.type === 'Q4_0') packTiles(tensor, memory, address, 18, readWordQ4);
  else packRows(tensor, columns * (tensor.type === 'F16' ? 2 : 4), memory, address);
}

function packRows(tensor: Tensor, toBytes: number, memory: Uint8Array, address: number): void {
  const [, rows = 0] = tensor.dims;
  const bytes = tensor.data.length / rows;
  for (let row = 0; row < rows; row++) {
    memory.set(tensor.data.subarray(row * bytes, (row + 1) * bytes), address + row * toBytes);
  }
}

/** Four consecutive weights of a block as signed bytes, the first one lowest. */
type ReadWord = (source: DataView, block: number, step: number) => number;

function readWordQ8(source: DataView, block: number, step: number): number {
  return source.getUint32(block + 2 + 4 * step, true);
}

function readWordQ4(source: DataView, block: number, step: number): number {
  const nibbles = source.getUint32(block + 2 + 4 * (step & 3), true);
  const bytes = (step < 4 ? nibbles : nibbles >>> 4) & 0x0f0f0f0f;
  // Each nibble minus 8, as a signed byte: flip bit 3, then extend it upwards.
  const flipped = bytes ^ 0x08080808;
  return flipped | ((flipped & 0x08080808) * 0x1e);
}

function packTiles(
  tensor: Tensor,
  memory: Uint8Array,
  address: number,
  blockBytes: number,
  readWord: ReadWord,
): void {
  const [columns = 0, rows = 0] = tensor.dims;
  const blocks = columns / BLOCK_COLUMNS;
  const source = new DataView(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
  const target = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  // Rows beyond the matrix keep zero scales, whatever their weights.
  for (let row = 0; row < rows; row++) {
    const within = row % TILE_ROWS;
    let to = address + ((row - within) / TILE_ROWS) * blocks * TILE_BLOCK_BYTES;
    let from = row * blocks * blockBytes;
    for (let block = 0; block < blocks; block++) {
      target.setUint16(to + 2 * within, source.getUint16(from, true), true);
      const weights = to + TILE_SCALE_BYTES + 4 * within;
      for (let step = 0; step < BLOCK_COLUMNS / 4; step++) {
        const word = readWord(source, from, step);
        // Bytes c0 c1 c2 c3 become c0+128, c2, c1+128, c3.
        const order = (word & 0xff0000ff) | ((word >>> 8) & 0xff00) | ((word & 0xff00) << 8);
        target.setUint32(weights + STEP_BYTES * step, order ^ 0x00800080, true);
      }
      to += TILE_BLOCK_BYTES;
      from += blockBytes;
    }
  }
}
