/**
 * Chooses the next token from the logits: the most likely one, or one drawn at random from the
 * smallest set of most likely tokens whose probability reaches topP. Ties go to the lower id. Random
 * numbers are SplitMix64, whose whole state is one 64-bit counter (Steele, Lea, Flood 2014).
 */
import { expScalar } from './math';
import { Model } from './records';

/** Returns a token id, or -1 when a logit is not finite. */
export function chooseToken(m: Model): i32 {
  const best = likeliest(m);
  if (best < 0 || m.temperature <= 0) return best;
  const sum = computeProbabilities(m, best);
  const random = nextRandom(m);
  return m.topP < 1 ? drawLikeliest(m, sum, random) : drawAny(m, sum, random);
}

function likeliest(m: Model): i32 {
  let best = 0;
  let most = load<f32>(m.logits);
  for (let id = 0; id < m.vocabulary; id++) {
    const logit = load<f32>(m.logits + usize(id) * 4);
    if (!isFinite(logit)) return -1;
    if (logit > most) {
      most = logit;
      best = id;
    }
  }
  return best;
}

/** probabilities[id] = exp((logit - most) / temperature), and their sum. */
function computeProbabilities(m: Model, best: i32): f64 {
  const most = load<f32>(m.logits + usize(best) * 4);
  let sum: f64 = 0;
  for (let id = 0; id < m.vocabulary; id++) {
    const logit = load<f32>(m.logits + usize(id) * 4);
    const weight = expScalar((logit - most) / m.temperature);
    store<f32>(m.probabilities + usize(id) * 4, weight);
    store<i32>(m.heap + usize(id) * 4, id);
    sum += f64(weight);
  }
  return sum;
}

/** Draws from all tokens, in order of their ids. */
function drawAny(m: Model, sum: f64, random: f64): i32 {
  let rest = random * sum;
  for (let id = 0; id < m.vocabulary; id++) {
    rest -= f64(probability(m, id));
    if (rest < 0) return id;
  }
  return m.vocabulary - 1;
}

/** Draws from the tokens that a heap gives in order of probability until they reach topP. */
function drawLikeliest(m: Model, sum: f64, random: f64): i32 {
  for (let at = m.vocabulary / 2 - 1; at >= 0; at--) siftDown(m, at, m.vocabulary);
  let kept = 0;
  let mass: f64 = 0;
  while (kept < m.vocabulary && (kept == 0 || mass < f64(m.topP) * sum)) {
    const last = m.vocabulary - 1 - kept;
    const id = heapAt(m, 0);
    store<i32>(m.heap, heapAt(m, last));
    store<i32>(m.heap + usize(last) * 4, id);
    siftDown(m, 0, last);
    mass += f64(probability(m, id));
    kept += 1;
  }
  let rest = random * mass;
  for (let rank = 0; rank < kept - 1; rank++) {
    const id = heapAt(m, m.vocabulary - 1 - rank);
    rest -= f64(probability(m, id));
    if (rest < 0) return id;
  }
  return heapAt(m, m.vocabulary - kept);
}

function siftDown(m: Model, from: i32, length: i32): void {
  const id = heapAt(m, from);
  let at = from;
  for (let child = 2 * at + 1; child < length; child = 2 * at + 1) {
    if (child + 1 < length && isBefore(m, heapAt(m, child + 1), heapAt(m, child))) child += 1;
    if (!isBefore(m, heapAt(m, child), id)) break;
    store<i32>(m.heap + usize(at) * 4, heapAt(m, child));
    at = child;
  }
  store<i32>(m.heap + usize(at) * 4, id);
}

function isBefore(m: Model, a: i32, b: i32): bool {
  const pa = probability(m, a);
  const pb = probability(m, b);
  return pa > pb || (pa == pb && a < b);
}

function heapAt(m: Model, at: i32): i32 {
  return load<i32>(m.heap + usize(at) * 4);
}

function probability(m: Model, id: i32): f32 {
  return load<f32>(m.probabilities + usize(id) * 4);
}

/** A number in [0, 1) with 53 random bits. */
function nextRandom(m: Model): f64 {
  const state = ((u64(m.randomHigh) << 32) | u64(m.randomLow)) + 0x9e3779b97f4a7c15;
  m.randomLow = u32(state);
  m.randomHigh = u32(state >> 32);
  let z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  z = z ^ (z >> 31);
  return f64(z >> 11) / 9007199254740992.0;
}
