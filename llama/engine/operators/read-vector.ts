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
import { finish, isWhite } from '../text';

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
  const scale = program().inputScale;
  const most = 2 * program().inputLength;
  const end = PROMPT + input().promptBytes;
  let output = node.output;
  let digits = 0;
  let high = 0;
  for (let at = PROMPT; at < end; at++) {
    const byte: u32 = load<u8>(at);
    const digit = digitOf(byte);
    if (digit < 0) {
      if (!isWhite(byte)) return -1;
      continue;
    }
    if (digits & 1 && digits < most) {
      store<f32>(output, scale * f32(i32(16 * high + digit)));
      output += 4;
    }
    high = digit;
    digits += 1;
  }
  return digits;
}

function digitOf(byte: u32): i32 {
  const digit = i32(byte - 0x30);
  if (u32(digit) < 10) return digit;
  const letter = (byte | 0x20) - 0x61;
  return letter < 6 ? i32(letter + 10) : -1;
}
