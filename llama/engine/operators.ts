/**
 * The operators by number, as nodes name them: one file each in operators/. An operator reads its
 * node's inputs, writes its output and returns whether all values that it wrote are finite. It must
 * write scratch before it reads it, and nothing that it computes may depend on the batch's size.
 * docs/OPERATORS.md tells how to add one; llama/graph.ts has the same numbers.
 */
import { Node } from './memory';
import { add } from './operators/add';
import { attend } from './operators/attend';
import { bias } from './operators/bias';
import { classify } from './operators/classify';
import { embed } from './operators/embed';
import { gate } from './operators/gate';
import { multiply } from './operators/multiply';
import { normalize } from './operators/normalize';
import { pick } from './operators/pick';
import { quantize } from './operators/quantize';
import { readVector } from './operators/read-vector';
import { relu } from './operators/relu';
import { remember } from './operators/remember';
import { rotate } from './operators/rotate';
import { sample } from './operators/sample';
import { tokenize } from './operators/tokenize';

/** Runs a node for `count` vectors; false: a value is not finite. */
export function runOperator(node: Node, count: i32): bool {
  switch (node.operator) {
    case 0:
      return tokenize(node);
    case 1:
      return embed(node);
    case 2:
      return normalize(node, count);
    case 3:
      return quantize(node, count);
    case 4:
      return multiply(node, count);
    case 5:
      return rotate(node, count);
    case 6:
      return remember(node, count);
    case 7:
      return attend(node, count);
    case 8:
      return gate(node, count);
    case 9:
      return add(node, count);
    case 10:
      return pick(node);
    case 11:
      return sample(node);
    case 12:
      return readVector(node);
    case 13:
      return bias(node, count);
    case 14:
      return relu(node, count);
    case 15:
      return classify(node);
    default:
      unreachable();
  }
  return false;
}
