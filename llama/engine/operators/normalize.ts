/** output = input / rms(input) * weights. The sum of squares is in double precision, as ggml's. */
import { isAllFinite } from '../finite';
import { Node, program } from '../memory';

export function normalize(node: Node, count: i32): bool {
  const bytes = usize(node.width) * 4;
  for (let t = 0; t < count; t++) {
    const at = usize(t) * bytes;
    normalizeVector(node.input + at, node.weights, node.output + at, bytes);
  }
  return isAllFinite(node.output, count * node.width);
}

function normalizeVector(input: usize, weight: usize, output: usize, bytes: usize): void {
  let sum: f64 = 0;
  for (let i: usize = 0; i < bytes; i += 4) {
    const x = load<f32>(input + i);
    sum += f64(x * x);
  }
  const mean = f32(sum / f64(i32(bytes / 4)));
  const scale = f32x4.splat(1 / sqrt<f32>(mean + program().epsilon));
  for (let i: usize = 0; i < bytes; i += 16) {
    const scaled = f32x4.mul(v128.load(input + i), scale);
    v128.store(output + i, f32x4.mul(scaled, v128.load(weight + i)));
  }
}
