/** output += input: the way back into the residual stream. */
import { isAllFinite } from '../finite';
import { Node } from '../memory';

export function add(node: Node, count: i32): bool {
  const size = count * node.width;
  for (let i: usize = 0; i < usize(size) * 4; i += 16) {
    const sum = f32x4.add(v128.load(node.output + i), v128.load(node.input + i));
    v128.store(node.output + i, sum);
  }
  return isAllFinite(node.output, size);
}
