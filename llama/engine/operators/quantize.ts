/** Quantizes vectors to 8 bits, for the products with 8-bit matrices that follow. */
import { quantizedBytes, quantizeVector } from '../int8';
import { Node } from '../memory';

export function quantize(node: Node, count: i32): bool {
  let scales: f32 = 0;
  for (let t = 0; t < count; t++) {
    const from = node.input + usize(t * node.width) * 4;
    const to = node.output + usize(t) * quantizedBytes(node.width);
    scales += quantizeVector(from, to, node.width);
  }
  return isFinite(scales);
}
