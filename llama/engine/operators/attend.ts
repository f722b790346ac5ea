/**
 * Attention of the batch's queries (input) over the caches of keys and values, which hold the batch's
 * own already; `scratch` holds the scores of one head.
 */
import { isAllFinite } from '../finite';
import { expVector, sumLanes } from '../math';
import { Node, program, work } from '../memory';

export function attend(node: Node, count: i32): bool {
  const bytes = usize(node.width) * 4;
  for (let t = 0; t < count; t++) {
    const at = usize(t) * bytes;
    attendToken(node, work().first + t + 1, node.input + at, node.output + at);
  }
  return isAllFinite(node.output, count * node.width);
}

/** Attention of one query over the first `count` positions. */
function attendToken(node: Node, count: i32, query: usize, output: usize): void {
  const bytes = usize(program().headWidth) * 4;
  const headBytes = usize(program().contextLength) * bytes;
  const group = program().heads / program().kvHeads;
  for (let head = 0; head < program().heads; head++) {
    const cache = usize(head / group) * headBytes;
    const at = usize(head) * bytes;
    scorePositions(node.scratch, query + at, node.keys + cache, count);
    const sum = softmax(node.scratch, count);
    mixValues(node.scratch, node.values + cache, count, 1 / sum, output + at);
  }
}

/** scores[p] = query . keys[p] / sqrt(headWidth), padded with -infinity to a multiple of 4. */
function scorePositions(scores: usize, query: usize, keys: usize, count: i32): void {
  const bytes = usize(program().headWidth) * 4;
  const scale: f32 = 1 / sqrt<f32>(f32(program().headWidth));
  let key = keys;
  for (let p = 0; p < count; p++) {
    let even = f32x4.splat(0);
    let odd = f32x4.splat(0);
    let i: usize = 0;
    for (; i + 32 <= bytes; i += 32) {
      even = f32x4.add(even, f32x4.mul(v128.load(query + i), v128.load(key + i)));
      odd = f32x4.add(odd, f32x4.mul(v128.load(query + i, 16), v128.load(key + i, 16)));
    }
    if (i < bytes) even = f32x4.add(even, f32x4.mul(v128.load(query + i), v128.load(key + i)));
    store<f32>(scores + usize(p) * 4, sumLanes(f32x4.add(even, odd)) * scale);
    key += bytes;
  }
  for (let p = count; p & 3; p++) store<f32>(scores + usize(p) * 4, -Infinity);
}

/** Replaces scores by exp(score - largest) and returns their sum. */
function softmax(scores: usize, count: i32): f32 {
  const end = scores + usize((count + 3) & ~3) * 4;
  let largest = f32x4.splat(-Infinity);
  for (let at = scores; at < end; at += 16) largest = f32x4.max(largest, v128.load(at));
  const most = max(
    max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
    max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
  );
  let sum = f32x4.splat(0);
  for (let at = scores; at < end; at += 16) {
    const weight = expVector(f32x4.sub(v128.load(at), f32x4.splat(most)));
    v128.store(at, weight);
    sum = f32x4.add(sum, weight);
  }
  return sumLanes(sum);
}

/** output = scale * sum over p of scores[p] * values[p], 16 columns at a time. */
function mixValues(scores: usize, values: usize, count: i32, scale: f32, output: usize): void {
  const bytes = usize(program().headWidth) * 4;
  const factor = f32x4.splat(scale);
  let column: usize = 0;
  for (; column + 64 <= bytes; column += 64) {
    let sum0 = f32x4.splat(0);
    let sum1 = f32x4.splat(0);
    let sum2 = f32x4.splat(0);
    let sum3 = f32x4.splat(0);
    let value = values + column;
    for (let p = 0; p < count; p++) {
      const weight = v128.load32_splat(scores + usize(p) * 4);
      sum0 = f32x4.add(sum0, f32x4.mul(weight, v128.load(value)));
      sum1 = f32x4.add(sum1, f32x4.mul(weight, v128.load(value, 16)));
      sum2 = f32x4.add(sum2, f32x4.mul(weight, v128.load(value, 32)));
      sum3 = f32x4.add(sum3, f32x4.mul(weight, v128.load(value, 48)));
      value += bytes;
    }
    v128.store(output + column, f32x4.mul(sum0, factor));
    v128.store(output + column, f32x4.mul(sum1, factor), 16);
    v128.store(output + column, f32x4.mul(sum2, factor), 32);
    v128.store(output + column, f32x4.mul(sum3, factor), 48);
  }
  for (; column < bytes; column += 16) {
    let sum = f32x4.splat(0);
    for (let p = 0; p < count; p++) {
      const weight = v128.load32_splat(scores + usize(p) * 4);
      sum = f32x4.add(sum, f32x4.mul(weight, v128.load(values + usize(p) * bytes + column)));
    }
    v128.store(output + column, f32x4.mul(sum, factor));
  }
}
