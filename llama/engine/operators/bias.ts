/** input += weights, a vector as long as the input, with zeros where either is padding. */
import { isAllFinite } from '../finite';
import { Node } from '../memory';

export function bias(node: Node, count: i32): bool {
  const bytes = usize(node.width) * 4;
  for (let t = 0; t < count; t++) {
    const vector = node.input + usize(t) * bytes;
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(vector + i, f32x4.add(v128.load(vector + i), v128.load(node.weights + i)));
    }
  }
  return isAllFinite(node.input, count * node.width);
}
