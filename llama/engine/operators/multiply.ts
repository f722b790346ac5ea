/** output = input times a matrix: floats, or blocks of the quantize operator for 8-bit matrices. */
import { isAllFinite } from '../finite';
import { multiplyFloat } from '../float';
import { multiplyInt8 } from '../int8';
import { KIND_INT8, Matrix, Node } from '../memory';

export function multiply(node: Node, count: i32): bool {
  const matrix = changetype<Matrix>(node.weights);
  if (matrix.kind == KIND_INT8) multiplyInt8(matrix, node.input, node.output, count);
  else multiplyFloat(matrix, node.input, node.output, count);
  return isAllFinite(node.output, count * matrix.rows);
}
