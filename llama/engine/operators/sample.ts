/**
 * Chooses the next token from the logits (input): the most likely one, or one drawn at random from
 * the smallest set of most likely tokens whose probability reaches topP. Ties go to the lower id.
 * Random numbers are SplitMix64, whose whole state is one 64-bit counter (Steele, Lea, Flood 2014).
 * `scratch` holds probabilities, `second` a heap of ids. Then the token becomes text.
 */
import { expScalar } from '../math';
import {
  answer,
  DONE,
  idAt,
  idCount,
  input,
  Node,
  program,
  STOP_CONTEXT,
  STOP_END,
  STOP_LENGTH,
} from '../memory';
import { addToken, cutAtStop, finish } from '../text';

export function sample(node: Node): bool {
  const id = chooseToken(node);
  if (isEnd(id)) finish(STOP_END);
  else accept(id);
  return true; // the logits were checked
}

function isEnd(id: i32): bool {
  const ids = program().endIds;
  return id == load<i32>(ids) || id == load<i32>(ids, 4) || id == load<i32>(ids, 8);
}

function accept(id: i32): void {
  const a = answer();
  store<i32>(idAt(idCount()), id);
  a.tokens += 1;
  const known = a.textBytes;
  const fits = addToken(id);
  cutAtStop(known);
  if (a.status == DONE) return;
  if (!fits || a.tokens >= input().maxTokens) finish(STOP_LENGTH);
  else if (idCount() >= program().contextLength) finish(STOP_CONTEXT);
}

function chooseToken(node: Node): i32 {
  const best = likeliest(node);
  if (input().temperature <= 0) return best;
  const sum = computeProbabilities(node, best);
  const random = nextRandom();
  return input().topP < 1 ? drawLikeliest(node, sum, random) : drawAny(node, sum, random);
}

function likeliest(node: Node): i32 {
  const count = program().tokenCount;
  let best = 0;
  let most = load<f32>(node.input);
  for (let id = 1; id < count; id++) {
    const logit = load<f32>(node.input + usize(id) * 4);
    if (logit > most) {
      most = logit;
      best = id;
    }
  }
  return best;
}

/** scratch[id] = exp((logit - most) / temperature), and their sum. */
function computeProbabilities(node: Node, best: i32): f64 {
  const count = program().tokenCount;
  const temperature = input().temperature;
  const most = load<f32>(node.input + usize(best) * 4);
  let sum: f64 = 0;
  for (let id = 0; id < count; id++) {
    const logit = load<f32>(node.input + usize(id) * 4);
    const weight = expScalar((logit - most) / temperature);
    store<f32>(node.scratch + usize(id) * 4, weight);
    store<i32>(node.second + usize(id) * 4, id);
    sum += f64(weight);
  }
  return sum;
}

/** Draws from all tokens, in order of their ids. */
function drawAny(node: Node, sum: f64, random: f64): i32 {
  let rest = random * sum;
  for (let id = 0; id < program().tokenCount; id++) {
    rest -= f64(probability(node, id));
    if (rest < 0) return id;
  }
  return program().tokenCount - 1;
}

/** Draws from the tokens that a heap gives in order of probability until they reach topP. */
function drawLikeliest(node: Node, sum: f64, random: f64): i32 {
  for (let at = program().tokenCount / 2 - 1; at >= 0; at--)
    siftDown(node, at, program().tokenCount);
  let kept = 0;
  let mass: f64 = 0;
  while (kept < program().tokenCount && (kept == 0 || mass < f64(input().topP) * sum)) {
    const last = program().tokenCount - 1 - kept;
    const id = heapAt(node, 0);
    store<i32>(node.second, heapAt(node, last));
    store<i32>(node.second + usize(last) * 4, id);
    siftDown(node, 0, last);
    mass += f64(probability(node, id));
    kept += 1;
  }
  let rest = random * mass;
  for (let rank = 0; rank < kept - 1; rank++) {
    const id = heapAt(node, program().tokenCount - 1 - rank);
    rest -= f64(probability(node, id));
    if (rest < 0) return id;
  }
  return heapAt(node, program().tokenCount - kept);
}

function siftDown(node: Node, from: i32, length: i32): void {
  const id = heapAt(node, from);
  let at = from;
  for (let child = 2 * at + 1; child < length; child = 2 * at + 1) {
    if (child + 1 < length && isBefore(node, heapAt(node, child + 1), heapAt(node, child)))
      child += 1;
    if (!isBefore(node, heapAt(node, child), id)) break;
    store<i32>(node.second + usize(at) * 4, heapAt(node, child));
    at = child;
  }
  store<i32>(node.second + usize(at) * 4, id);
}

function isBefore(node: Node, a: i32, b: i32): bool {
  const pa = probability(node, a);
  const pb = probability(node, b);
  return pa > pb || (pa == pb && a < b);
}

function heapAt(node: Node, at: i32): i32 {
  return load<i32>(node.second + usize(at) * 4);
}

function probability(node: Node, id: i32): f32 {
  return load<f32>(node.scratch + usize(id) * 4);
}

/** A number in [0, 1) with 53 random bits. */
function nextRandom(): f64 {
  const state = answer().random + 0x9e3779b97f4a7c15;
  answer().random = state;
  let z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  z = z ^ (z >> 31);
  return f64(z >> 11) / 9007199254740992.0;
}
