/**
 * The inference engine's exports: one WebAssembly module that computes all of an answer, from the
 * prompt's bytes to the answer's. It imports its memory and nothing else, never grows it, keeps its
 * state in it (no mutable globals), and uses no instruction whose result may differ between machines,
 * so the bytes that serve an answer can be replayed and disputed.
 */
import { cosDouble, expDouble, expScalar, logDouble, sinDouble } from './math';
import { answer, DONE, idCount, Node, program, STOP_FAULT, work } from './memory';
import { runOperator } from './operators';
import { finish } from './text';

/** Runs one operator: the unit that a dispute narrows an answer down to. */
export function step(): void {
  if (answer().status == DONE) return;
  const index = nextNode();
  const node = changetype<Node>(program().nodes + usize(index) * offsetof<Node>());
  if (runOperator(node, node.single ? 1 : work().count)) goOn(index + 1);
  else fail();
}

/**
 * Runs until there is something to see: a prompt is split, a batch is evaluated, the logits are there
 * or a token is chosen.
 */
export function run(): void {
  do step();
  while (answer().status != DONE && work().next > 1 && work().next < program().nodeCount - 1);
}

/** Work that starts at zero goes on with whatever the answer needs first. */
function nextNode(): i32 {
  const next = work().next;
  return next == 0 && answer().status != 0 ? 1 : next;
}

function goOn(next: i32): void {
  const w = work();
  w.next = next;
  if (next == program().outputNode) {
    w.cached = w.first + w.count;
    if (w.cached < idCount()) w.next = 1;
  }
  if (next == program().nodeCount || answer().status == DONE) w.next = 0;
}

/**
 * A value was not finite. What the operators left is cleared: the bits of a NaN may differ between
 * machines, so none may stay in memory.
 */
function fail(): void {
  memory.fill(program().scratch, 0, program().scratchEnd - program().scratch);
  work().next = 0;
  finish(STOP_FAULT);
}

// The functions of math.ts: the host computes a model's table of rotary frequencies with them, and a
// test holds them to their bounds.
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
