/**
 * Ends the answer of a multilayer perceptron: the class of the largest value (input) is its only
 * token, and the class's label its text. Ties go to the lower class.
 */
import { answer, idAt, Node, program, STOP_END } from '../memory';
import { addToken, finish } from '../text';

export function classify(node: Node): bool {
  let best = 0;
  for (let id = 1; id < program().tokenCount; id++) {
    const value = load<f32>(node.input + usize(id) * 4);
    if (value > load<f32>(node.input + usize(best) * 4)) best = id;
  }
  store<i32>(idAt(0), best);
  answer().tokens = 1;
  addToken(best);
  finish(STOP_END);
  return true;
}
