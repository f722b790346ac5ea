/** Rotates the pairs (2i, 2i + 1) of every head by its position; `scratch` is embed's table. */
import { isAllFinite } from '../finite';
import { Node, program } from '../memory';

export function rotate(node: Node, count: i32): bool {
  const pairs = program().ropeWidth / 2;
  for (let t = 0; t < count; t++) {
    const vector = node.input + usize(t * node.width) * 4;
    const table = node.scratch + usize(t * pairs) * 8;
    for (let head = 0; head < node.heads; head++) {
      rotateHead(vector + usize(head * program().headWidth) * 4, table, pairs);
    }
  }
  return isAllFinite(node.input, count * node.width);
}

function rotateHead(at: usize, table: usize, pairs: i32): void {
  for (let i = 0; i < pairs; i++) {
    const cosine = load<f32>(table);
    const sine = load<f32>(table, 4);
    const x = load<f32>(at);
    const y = load<f32>(at, 4);
    store<f32>(at, x * cosine - y * sine);
    store<f32>(at, x * sine + y * cosine, 4);
    table += 8;
    at += 8;
  }
}
