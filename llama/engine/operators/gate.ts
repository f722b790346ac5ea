/** input = silu(input) * second, where silu(x) = x / (1 + exp(-x)). */
import { isAllFinite } from '../finite';
import { expVector } from '../math';
import { Node } from '../memory';

export function gate(node: Node, count: i32): bool {
  const size = count * node.width;
  const one = f32x4.splat(1);
  for (let i: usize = 0; i < usize(size) * 4; i += 16) {
    const x = v128.load(node.input + i);
    const silu = f32x4.div(x, f32x4.add(one, expVector(f32x4.neg(x))));
    v128.store(node.input + i, f32x4.mul(silu, v128.load(node.second + i)));
  }
  return isAllFinite(node.input, size);
}
