/**
 * Products of 8-bit matrices and vectors: where nearly all of the time goes.
 *
 * Weights come as tiles of 16 rows. A tile is a run of blocks of 32 columns, each 544 bytes:
 *   16 half-precision scales, one for each row;
 *   8 steps of 4 columns c0..c3, each 4 vectors of 4 rows; a row is the bytes c0+128, c2, c1+128, c3.
 * So one 16-bit lane holds two weights, low = c0 + 128 and high = c2, and a step needs one load, one
 * shift and two multiply-adds for 16 products, because with the lane's value v = 256 high + low,
 *   c0 x0 + c2 x2 = v x0 + high (x2 - 256 x0) - 128 x0.
 * The lanes of an accumulator are rows: no sum across lanes is ever needed.
 *
 * Inputs are quantized to 8 bits by blocks of 32, as llama.cpp does, into 72 bytes each:
 *   the scale (f32); -128 times the sum of all x0 and x1 (i32);
 *   for each step the pairs (x0, x1) and (x2 - 256 x0, x3 - 256 x1) as 16-bit integers.
 * Integer sums are exact (at most 2^27), so only the sum over blocks rounds, always in the same order.
 */
import { loadHalves } from './math';
import { Matrix } from './memory';

const TILE_ROWS: i32 = 16;
const BLOCK_COLUMNS: i32 = 32;
const WEIGHT_BLOCK_BYTES: usize = 544;
const WEIGHT_DATA: usize = 32;
const STEP_BYTES: usize = 64;
const INPUT_BLOCK_BYTES: usize = 72;
const INPUT_DATA: usize = 8;
/** Inputs below this are 0: they are beyond any effect, and 127 / x must not overflow. */
const SMALLEST: f32 = 1e-30;

/** Quantizes `columns` floats (a multiple of 32) into input blocks; returns the sum of the scales. */
export function quantizeVector(from: usize, to: usize, columns: i32): f32 {
  let scales: f32 = 0;
  for (let column = 0; column < columns; column += BLOCK_COLUMNS) {
    let largest = f32x4.splat(0);
    for (let i: usize = 0; i < 128; i += 16) {
      largest = f32x4.max(largest, f32x4.abs(v128.load(from + i)));
    }
    const most = max(
      max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
      max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
    );
    const inverse: f32 = most < SMALLEST ? 0 : 127 / most;
    let sum: i32 = 0;
    let step = to + INPUT_DATA;
    for (let i: usize = 0; i < 128; i += 16) {
      const scaled = f32x4.nearest(f32x4.mul(v128.load(from + i), f32x4.splat(inverse)));
      const x = i32x4.trunc_sat_f32x4_s(scaled);
      const x0 = i32x4.extract_lane(x, 0);
      const x1 = i32x4.extract_lane(x, 1);
      sum += x0 + x1;
      store<i16>(step, i16(x0));
      store<i16>(step, i16(x1), 2);
      store<i16>(step, i16(i32x4.extract_lane(x, 2) - 256 * x0), 4);
      store<i16>(step, i16(i32x4.extract_lane(x, 3) - 256 * x1), 6);
      step += 8;
    }
    const scale = roundToHalf(most / 127);
    scales += scale;
    store<f32>(to, scale);
    store<i32>(to, -128 * sum, 4);
    from += BLOCK_COLUMNS * 4;
    to += INPUT_BLOCK_BYTES;
  }
  return scales;
}

/** Keeps 11 significant bits (Dekker's split): llama.cpp holds these scales in half precision. */
function roundToHalf(x: f32): f32 {
  const shifted = x * 8193;
  return shifted - (shifted - x);
}

/** Bytes of a quantized input vector. */
export function quantizedBytes(columns: i32): usize {
  return (usize(columns) / BLOCK_COLUMNS) * INPUT_BLOCK_BYTES;
}

/** outputs (count, rows) = inputs (count, columns), quantized, times the matrix transposed. */
export function multiplyInt8(matrix: Matrix, inputs: usize, outputs: usize, count: i32): void {
  const blocks = matrix.columns / BLOCK_COLUMNS;
  const tileBytes = usize(blocks) * WEIGHT_BLOCK_BYTES;
  const outputBytes = usize(matrix.rows) * 4;
  const end = matrix.data + usize(matrix.rows / TILE_ROWS) * tileBytes;
  let output = outputs;
  for (let tile = matrix.data; tile < end; tile += tileBytes) {
    if (count == 1) multiplyTile(tile, inputs, output, blocks);
    else multiplyTileBatch(tile, inputs, output, blocks, count, outputBytes);
    output += TILE_ROWS * 4;
  }
}

/** One tile times all inputs, while it is in the cache. */
function multiplyTileBatch(
  tile: usize,
  inputs: usize,
  outputs: usize,
  blocks: i32,
  count: i32,
  outputBytes: usize,
): void {
  const inputBytes = usize(blocks) * INPUT_BLOCK_BYTES;
  let input = inputs;
  let output = outputs;
  let index = 0;
  for (; index + 2 <= count; index += 2) {
    multiplyTilePair(tile, input, input + inputBytes, output, output + outputBytes, blocks);
    input += 2 * inputBytes;
    output += 2 * outputBytes;
  }
  if (index < count) multiplyTile(tile, input, output, blocks);
}

/** One tile times one input. */
function multiplyTile(tile: usize, input: usize, output: usize, blocks: i32): void {
  let total0 = f32x4.splat(0);
  let total1 = f32x4.splat(0);
  let total2 = f32x4.splat(0);
  let total3 = f32x4.splat(0);
  for (let block = 0; block < blocks; block++) {
    let sum0 = v128.load32_splat(input, 4);
    let sum1 = sum0;
    let sum2 = sum0;
    let sum3 = sum0;
    const end = tile + WEIGHT_BLOCK_BYTES;
    let x = input + INPUT_DATA;
    for (let w = tile + WEIGHT_DATA; w < end; w += STEP_BYTES) {
      const low = v128.load32_splat(x);
      const high = v128.load32_splat(x, 4);
      sum0 = addProducts(sum0, v128.load(w), low, high);
      sum1 = addProducts(sum1, v128.load(w, 16), low, high);
      sum2 = addProducts(sum2, v128.load(w, 32), low, high);
      sum3 = addProducts(sum3, v128.load(w, 48), low, high);
      x += 8;
    }
    const scale = v128.load32_splat(input);
    total0 = addScaled(total0, sum0, loadHalves(tile), scale);
    total1 = addScaled(total1, sum1, loadHalves(tile + 8), scale);
    total2 = addScaled(total2, sum2, loadHalves(tile + 16), scale);
    total3 = addScaled(total3, sum3, loadHalves(tile + 24), scale);
    tile = end;
    input += INPUT_BLOCK_BYTES;
  }
  v128.store(output, total0);
  v128.store(output, total1, 16);
  v128.store(output, total2, 32);
  v128.store(output, total3, 48);
}

/**
 * One tile times two inputs: the same operations in the same order for each as multiplyTile, so an
 * answer does not depend on how its prompt was batched. Totals live in the output, because eight
 * more vectors would not fit in the registers.
 */
function multiplyTilePair(
  tile: usize,
  inputA: usize,
  inputB: usize,
  outputA: usize,
  outputB: usize,
  blocks: i32,
): void {
  clearTile(outputA);
  clearTile(outputB);
  for (let block = 0; block < blocks; block++) {
    let a0 = v128.load32_splat(inputA, 4);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = v128.load32_splat(inputB, 4);
    let b1 = b0;
    let b2 = b0;
    let b3 = b0;
    const end = tile + WEIGHT_BLOCK_BYTES;
    let xA = inputA + INPUT_DATA;
    let xB = inputB + INPUT_DATA;
    for (let w = tile + WEIGHT_DATA; w < end; w += STEP_BYTES) {
      const lowA = v128.load32_splat(xA);
      const highA = v128.load32_splat(xA, 4);
      const lowB = v128.load32_splat(xB);
      const highB = v128.load32_splat(xB, 4);
      const w0 = v128.load(w);
      a0 = addProducts(a0, w0, lowA, highA);
      b0 = addProducts(b0, w0, lowB, highB);
      const w1 = v128.load(w, 16);
      a1 = addProducts(a1, w1, lowA, highA);
      b1 = addProducts(b1, w1, lowB, highB);
      const w2 = v128.load(w, 32);
      a2 = addProducts(a2, w2, lowA, highA);
      b2 = addProducts(b2, w2, lowB, highB);
      const w3 = v128.load(w, 48);
      a3 = addProducts(a3, w3, lowA, highA);
      b3 = addProducts(b3, w3, lowB, highB);
      xA += 8;
      xB += 8;
    }
    addTile(outputA, tile, v128.load32_splat(inputA), a0, a1, a2, a3);
    addTile(outputB, tile, v128.load32_splat(inputB), b0, b1, b2, b3);
    tile = end;
    inputA += INPUT_BLOCK_BYTES;
    inputB += INPUT_BLOCK_BYTES;
  }
}

/** sum + 16 products: lanes of v against (low, high) as the file's comment derives. */
function addProducts(sum: v128, v: v128, low: v128, high: v128): v128 {
  const both = i32x4.add(sum, i32x4.dot_i16x8_s(v, low));
  return i32x4.add(both, i32x4.dot_i16x8_s(i16x8.shr_s(v, 8), high));
}

function addScaled(total: v128, sum: v128, rowScales: v128, scale: v128): v128 {
  return f32x4.add(total, f32x4.mul(f32x4.convert_i32x4_s(sum), f32x4.mul(rowScales, scale)));
}

function addTile(
  output: usize,
  tile: usize,
  scale: v128,
  sum0: v128,
  sum1: v128,
  sum2: v128,
  sum3: v128,
): void {
  v128.store(output, addScaled(v128.load(output), sum0, loadHalves(tile), scale));
  v128.store(output, addScaled(v128.load(output, 16), sum1, loadHalves(tile + 8), scale), 16);
  v128.store(output, addScaled(v128.load(output, 32), sum2, loadHalves(tile + 16), scale), 32);
  v128.store(output, addScaled(v128.load(output, 48), sum3, loadHalves(tile + 24), scale), 48);
}

function clearTile(output: usize): void {
  for (let i: usize = 0; i < 64; i += 16) v128.store(output + i, f32x4.splat(0));
}

/** Writes one row of the matrix as floats. */
export function expandRowInt8(matrix: Matrix, row: i32, output: usize): void {
  const blocks = matrix.columns / BLOCK_COLUMNS;
  const within = row % TILE_ROWS;
  let tile = matrix.data + usize(row / TILE_ROWS) * usize(blocks) * WEIGHT_BLOCK_BYTES;
  for (let block = 0; block < blocks; block++) {
    const scales = loadHalves(tile + usize(within >> 2) * 8);
    v128.store(output, scales); // the output as scratch, to pick a lane by number
    const scale = load<f32>(output + usize(within & 3) * 4);
    let from = tile + WEIGHT_DATA + usize(within) * 4;
    for (let column = 0; column < BLOCK_COLUMNS; column += 4) {
      store<f32>(output, scale * f32(i32(load<u8>(from)) - 128));
      store<f32>(output, scale * f32(i32(load<u8>(from, 2)) - 128), 4);
      store<f32>(output, scale * f32(load<i8>(from, 1)), 8);
      store<f32>(output, scale * f32(load<i8>(from, 3)), 12);
      output += 16;
      from += STEP_BYTES;
    }
    tile += WEIGHT_BLOCK_BYTES;
  }
}
