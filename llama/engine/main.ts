/**
 * The inference engine's exports: one WebAssembly module that computes all of an answer. It imports
 * its memory and nothing else, never grows it, keeps its state in it (no mutable globals), and uses
 * no instruction whose result may differ between machines, so the bytes that serve an answer can be
 * replayed and disputed. The host writes weights and records (records.ts), then calls these.
 */
import { forward } from './forward';
import { prepareRope } from './layers';
import { cosDouble, expDouble, expScalar, logDouble, sinDouble } from './math';
import { MODEL_ADDRESS, model } from './records';
import { chooseToken } from './sampler';

/** Address at which the host writes the Model record. */
export function modelAddress(): usize {
  return MODEL_ADDRESS;
}

/** Computes tables from the model's record; once, before anything else. */
export function prepare(): void {
  prepareRope(model());
}

/** Evaluates `count` token ids (at `tokenIds`) from position `first` on; leaves the last's logits. */
export function evaluate(count: i32, first: i32): void {
  forward(model(), count, first);
}

/** The next token by the record's temperature, topP and random state; -1: a logit is not finite. */
export function sample(): i32 {
  return chooseToken(model());
}

// The functions of math.ts, so that a test can hold them to their bounds.
export function mathExp(x: f64): f64 {
  return expDouble(x);
}

export function mathExpSingle(x: f32): f32 {
  return expScalar(x);
}

export function mathLog(x: f64): f64 {
  return logDouble(x);
}

export function mathSin(x: f64): f64 {
  return sinDouble(x);
}

export function mathCos(x: f64): f64 {
  return cosDouble(x);
}
