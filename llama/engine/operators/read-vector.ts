/**
 * Reads the prompt of a multilayer perceptron: a vector of bytes, two hexadecimal digits each, white
 * space ignored. Each byte times the model's scale becomes a value of the output, zeros fill it up.
 * A prompt of another form or length ends the answer.
 */
import { isAllFinite } from '../finite';
import {
  answer,
  DONE,
  input,
  Node,
  PROMPT,
  program,
  RUNNING,
  STOP_LENGTH,
  STOP_PROMPT,
} from '../memory';
import { finish } from '../text';

export function readVector(node: Node): bool {
  answer().status = RUNNING;
  answer().random = input().seed;
  const digits = readDigits(node);
  if (digits != 2 * program().inputLength) finish(STOP_PROMPT);
  else if (input().maxTokens == 0) finish(STOP_LENGTH);
  if (answer().status == DONE) return true;
  for (let i = program().inputLength; i < node.width; i++) {
    store<f32>(node.output + usize(i) * 4, 0);
  }
  return isAllFinite(node.output, node.width);
}

/** Number of digits, -1: there is something else; values beyond the vector's length are dropped. */
function readDigits(node: Node): i32 {
  let digits = 0;
  let high = 0;
  for (let at: u32 = 0; at < input().promptBytes; at++) {
    const byte: u32 = load<u8>(PROMPT + at);
    if (byte == 0x20 || (byte >= 0x09 && byte <= 0x0d)) continue;
    const digit = digitOf(byte);
    if (digit < 0) return -1;
    if (digits & 1 && digits < 2 * program().inputLength) {
      const value = program().inputScale * f32(i32(16 * high + digit));
      store<f32>(node.output + usize(digits >> 1) * 4, value);
    }
    high = digit;
    digits += 1;
  }
  return digits;
}

function digitOf(byte: u32): i32 {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
