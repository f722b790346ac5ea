/** input = max(input, 0). */
import { isAllFinite } from '../finite';
import { Node } from '../memory';

export function relu(node: Node, count: i32): bool {
  const size = count * node.width;
  for (let i: usize = 0; i < usize(size) * 4; i += 16) {
    v128.store(node.input + i, f32x4.max(v128.load(node.input + i), f32x4.splat(0)));
  }
  return isAllFinite(node.input, size);
}
