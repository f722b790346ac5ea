/**
 * Starts a batch: finds the ids that wait, loads their embeddings (weights) into the stream (output)
 * and fills the table of rotations for their positions (scratch). Ids whose keys and values are in
 * the caches already are passed over, up to the first one that differs.
 */
import { isAllFinite } from '../finite';
import { expandRowFloat } from '../float';
import { expandRowInt8 } from '../int8';
import { cosDouble, sinDouble } from '../math';
import { cachedId, idAt, idCount, KIND_INT8, Matrix, Node, program, work } from '../memory';

export function embed(node: Node): bool {
  const w = work();
  // The last id's logits are wanted, so it is evaluated even when its keys are cached.
  w.first = min(countCommon(), idCount() - 1);
  w.count = min(idCount() - w.first, program().batch);
  w.cached = w.first;
  const matrix = changetype<Matrix>(node.weights);
  for (let t = 0; t < w.count; t++) {
    const position = w.first + t;
    const id = load<i32>(idAt(position));
    store<i32>(cachedId(position), id);
    const vector = node.output + usize(t * node.width) * 4;
    if (matrix.kind == KIND_INT8) expandRowInt8(matrix, id, vector);
    else expandRowFloat(matrix, id, vector);
    fillRotations(position, node.scratch + usize(t * program().ropeWidth) * 4);
  }
  return isAllFinite(node.output, w.count * node.width);
}

/** How many ids the caches and the answer have in common. */
function countCommon(): i32 {
  const most = min(work().cached, idCount());
  let common = 0;
  while (common < most && load<i32>(cachedId(common)) == load<i32>(idAt(common))) common += 1;
  return common;
}

/** Cosines and sines of one position, to be used by every head and layer. */
function fillRotations(position: i32, table: usize): void {
  for (let i = 0; i < program().ropeWidth / 2; i++) {
    const angle = f64(position) * load<f64>(program().ropeFrequency + usize(i) * 8);
    store<f32>(table + usize(i) * 8, f32(cosDouble(angle)));
    store<f32>(table + usize(i) * 8, f32(sinDouble(angle)), 4);
  }
}
