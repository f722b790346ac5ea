/** Puts the batch's keys (input) and values (second) into a layer's caches. */
import { Node, program, work } from '../memory';

export function remember(node: Node, count: i32): bool {
  const first = work().first;
  for (let t = 0; t < count; t++) {
    const from = usize(t * node.width) * 4;
    copyHeads(node.input + from, node.keys, first + t);
    copyHeads(node.second + from, node.values, first + t);
  }
  return true; // they are copies of what was checked
}

function copyHeads(from: usize, cache: usize, position: i32): void {
  const bytes = usize(program().headWidth) * 4;
  const headBytes = usize(program().contextLength) * bytes;
  let to = cache + usize(position) * bytes;
  for (let head = 0; head < program().kvHeads; head++) {
    for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, v128.load(from + i));
    from += bytes;
    to += headBytes;
  }
}
