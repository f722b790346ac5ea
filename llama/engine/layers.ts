/**
 * The parts of a llama layer around its matrix products: normalisation, rotary positions, attention
 * over the cache, and the gate. Each works on one token's vector; sums run in a fixed order.
 */
import { cosDouble, expDouble, expVector, logDouble, sinDouble, sumLanes } from './math';
import { Model } from './records';

/** output = input / rms(input) * weight. The sum of squares is in double precision, as ggml's. */
export function normalize(m: Model, input: usize, weight: usize, output: usize): void {
  const bytes = usize(m.width) * 4;
  let sum: f64 = 0;
  for (let i: usize = 0; i < bytes; i += 4) {
    const x = load<f32>(input + i);
    sum += f64(x * x);
  }
  const scale = f32x4.splat(1 / sqrt<f32>(f32(sum / f64(m.width)) + m.epsilon));
  for (let i: usize = 0; i < bytes; i += 16) {
    const scaled = f32x4.mul(v128.load(input + i), scale);
    v128.store(output + i, f32x4.mul(scaled, v128.load(weight + i)));
  }
}

/** Fills the table of rotary frequencies, base^(-2i / ropeWidth). */
export function prepareRope(m: Model): void {
  const logBase = logDouble(f64(m.ropeBase));
  for (let i = 0; i < m.ropeWidth / 2; i++) {
    const power = (-2.0 * f64(i)) / f64(m.ropeWidth);
    store<f64>(m.ropeFrequency + usize(i) * 8, expDouble(power * logBase));
  }
}

/** Cosines and sines of one position, to be used by every head and layer. */
export function computeRope(m: Model, position: i32, table: usize): void {
  for (let i = 0; i < m.ropeWidth / 2; i++) {
    const angle = f64(position) * load<f64>(m.ropeFrequency + usize(i) * 8);
    store<f32>(table + usize(i) * 8, f32(cosDouble(angle)));
    store<f32>(table + usize(i) * 8, f32(sinDouble(angle)), 4);
  }
}

/** Rotates the pairs (2i, 2i + 1) of every head. */
export function rotate(m: Model, vector: usize, heads: i32, table: usize): void {
  for (let head = 0; head < heads; head++) {
    let at = vector + usize(head * m.headWidth) * 4;
    for (let i = 0; i < m.ropeWidth / 2; i++) {
      const cosine = load<f32>(table + usize(i) * 8);
      const sine = load<f32>(table + usize(i) * 8, 4);
      const x = load<f32>(at);
      const y = load<f32>(at, 4);
      store<f32>(at, x * cosine - y * sine);
      store<f32>(at, x * sine + y * cosine, 4);
      at += 8;
    }
  }
}

/** Address of a head's row in the key or value cache. */
function cacheRow(m: Model, cache: usize, layer: i32, kvHead: i32, position: i32): usize {
  const row = usize(layer * m.kvHeads + kvHead) * usize(m.contextLength) + usize(position);
  return cache + row * usize(m.headWidth) * 4;
}

/** Keeps one token's key or value vector. */
export function remember(m: Model, cache: usize, layer: i32, position: i32, vector: usize): void {
  const bytes = usize(m.headWidth) * 4;
  for (let kvHead = 0; kvHead < m.kvHeads; kvHead++) {
    const to = cacheRow(m, cache, layer, kvHead, position);
    const from = vector + usize(kvHead) * bytes;
    for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, v128.load(from + i));
  }
}

/** Attention of one token over positions 0..position. */
export function attend(m: Model, layer: i32, position: i32, query: usize, output: usize): void {
  const bytes = usize(m.headWidth) * 4;
  const count = position + 1;
  const group = m.heads / m.kvHeads;
  for (let head = 0; head < m.heads; head++) {
    const keys = cacheRow(m, m.keys, layer, head / group, 0);
    const values = cacheRow(m, m.values, layer, head / group, 0);
    scorePositions(m, query + usize(head) * bytes, keys, count);
    const sum = softmax(m.scores, count);
    mixValues(m, values, count, 1 / sum, output + usize(head) * bytes);
  }
}

/** scores[p] = query . keys[p] / sqrt(headWidth), padded with -infinity to a multiple of 4. */
function scorePositions(m: Model, query: usize, keys: usize, count: i32): void {
  const bytes = usize(m.headWidth) * 4;
  const scale: f32 = 1 / sqrt<f32>(f32(m.headWidth));
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
    store<f32>(m.scores + usize(p) * 4, sumLanes(f32x4.add(even, odd)) * scale);
    key += bytes;
  }
  for (let p = count; p & 3; p++) store<f32>(m.scores + usize(p) * 4, -Infinity);
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
function mixValues(m: Model, values: usize, count: i32, scale: f32, output: usize): void {
  const bytes = usize(m.headWidth) * 4;
  const factor = f32x4.splat(scale);
  let column: usize = 0;
  for (; column + 64 <= bytes; column += 64) {
    let sum0 = f32x4.splat(0);
    let sum1 = f32x4.splat(0);
    let sum2 = f32x4.splat(0);
    let sum3 = f32x4.splat(0);
    let value = values + column;
    for (let p = 0; p < count; p++) {
      const weight = v128.load32_splat(m.scores + usize(p) * 4);
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
      const weight = v128.load32_splat(m.scores + usize(p) * 4);
      sum = f32x4.add(sum, f32x4.mul(weight, v128.load(values + usize(p) * bytes + column)));
    }
    v128.store(output + column, f32x4.mul(sum, factor));
  }
}

/** gate = silu(gate) * up, where silu(x) = x / (1 + exp(-x)). */
export function applyGate(gate: usize, up: usize, count: i32): void {
  const one = f32x4.splat(1);
  for (let i: usize = 0; i < usize(count) * 4; i += 16) {
    const x = v128.load(gate + i);
    const silu = f32x4.div(x, f32x4.add(one, expVector(f32x4.neg(x))));
    v128.store(gate + i, f32x4.mul(silu, v128.load(up + i)));
  }
}

/** to += from. */
export function addVector(to: usize, from: usize, count: i32): void {
  for (let i: usize = 0; i < usize(count) * 4; i += 16) {
    v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(from + i)));
  }
}
