/**
 * Products of F32 and F16 matrices and vectors, row by row, in single precision. Rows are as GGUF
 * stores them. A row tile is used for every input of the batch while it is in the cache.
 */
import { loadHalves, sumLanes } from './math';
import { KIND_F16, Matrix } from './memory';

/** outputs (count, rows) = inputs (count, columns) times the matrix transposed. */
export function multiplyFloat(matrix: Matrix, inputs: usize, outputs: usize, count: i32): void {
  const half = matrix.kind == KIND_F16;
  const columns = usize(matrix.columns);
  const rowBytes = half ? columns * 2 : columns * 4;
  let from = matrix.data;
  for (let row = 0; row < matrix.rows; row += 4) {
    for (let index = 0; index < count; index++) {
      const input = inputs + usize(index) * columns * 4;
      const output = outputs + (usize(index) * usize(matrix.rows) + usize(row)) * 4;
      if (half) multiplyRowsF16(from, rowBytes, input, output);
      else multiplyRowsF32(from, rowBytes, input, output);
    }
    from += 4 * rowBytes;
  }
}

function multiplyRowsF32(from: usize, rowBytes: usize, input: usize, output: usize): void {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  for (const end = input + rowBytes; input < end; input += 16) {
    const x = v128.load(input);
    sum0 = f32x4.add(sum0, f32x4.mul(x, v128.load(from)));
    sum1 = f32x4.add(sum1, f32x4.mul(x, v128.load(from + rowBytes)));
    sum2 = f32x4.add(sum2, f32x4.mul(x, v128.load(from + 2 * rowBytes)));
    sum3 = f32x4.add(sum3, f32x4.mul(x, v128.load(from + 3 * rowBytes)));
    from += 16;
  }
  storeSums(output, sum0, sum1, sum2, sum3);
}

function multiplyRowsF16(from: usize, rowBytes: usize, input: usize, output: usize): void {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  for (const end = input + 2 * rowBytes; input < end; input += 16) {
    const x = v128.load(input);
    sum0 = f32x4.add(sum0, f32x4.mul(x, loadHalves(from)));
    sum1 = f32x4.add(sum1, f32x4.mul(x, loadHalves(from + rowBytes)));
    sum2 = f32x4.add(sum2, f32x4.mul(x, loadHalves(from + 2 * rowBytes)));
    sum3 = f32x4.add(sum3, f32x4.mul(x, loadHalves(from + 3 * rowBytes)));
    from += 8;
  }
  storeSums(output, sum0, sum1, sum2, sum3);
}

function storeSums(output: usize, sum0: v128, sum1: v128, sum2: v128, sum3: v128): void {
  store<f32>(output, sumLanes(sum0));
  store<f32>(output, sumLanes(sum1), 4);
  store<f32>(output, sumLanes(sum2), 8);
  store<f32>(output, sumLanes(sum3), 12);
}

/** Writes one row of the matrix as floats. */
export function expandRowFloat(matrix: Matrix, row: i32, output: usize): void {
  const columns = usize(matrix.columns);
  const half = matrix.kind == KIND_F16;
  const from = matrix.data + usize(row) * columns * (half ? 2 : 4);
  for (let column: usize = 0; column < columns; column += 4) {
    const values = half ? loadHalves(from + column * 2) : v128.load(from + column * 4);
    v128.store(output + column * 4, values);
  }
}
