/**
 * Planted faults, for demonstrations and tests: seven ways to make a false claim. Each is tried out
 * before it is used, because a fault that changes nothing in the claim is nothing to dispute.
 */
import { encodeInput } from '../llama/answer.js';
import type { AnswerInput, Program } from '../llama/program.js';
import { ANSWER, STATUS as ANSWER_STATUS, STOP_REASON } from '../llama/regions.js';
import { type AnswerLog, answerRegion, logAnswer } from './answer-log.js';
import { OpmlError } from './errors.js';
import { viewOf } from './facts.js';
import { createBench, type FaultBench } from './fault-bench.js';
import {
  createFaultyProgram,
  type FaultyProgram,
  type PlantedFault,
  tellTruth,
} from './faulty-program.js';
import type { Code } from './machine/code.js';
import type { Fault } from './machine/fault.js';
import { createInterpreter } from './machine/interpreter.js';
import { lowerModule } from './machine/lower.js';
import { MEMORY_LEAF_BYTES } from './machine/merkle.js';
import { STATUS } from './machine/state.js';

export const FAULT_KINDS = [
  'token',
  'operator',
  'instruction',
  'input',
  'weights',
  'parameters',
  'truncation',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** What to plant; places that are left out are chosen so that the fault has an effect. */
export interface FaultSpec {
  readonly kind: FaultKind;
  /** Token transition, from 0: of token, operator, instruction and truncation. */
  readonly token?: number;
  /** Operator of that transition, from 0: of operator and instruction. */
  readonly operator?: number;
  /** Step of that operator, from 0: of instruction. */
  readonly step?: number;
  /** Which bit of the result is turned, from 0: of operator and instruction. */
  readonly bit?: number;
  /** What is computed in place of what was asked: of input and parameters. */
  readonly instead?: Partial<AnswerInput>;
}

/**
 * Makes a party that commits this fault on this question. The program's memory is the liar's from now
 * on; its constants have to be read before.
 *
 * @throws {FAULT_BAD_PLACE} when there is no such token, operator or step
 * @throws {FAULT_WITHOUT_EFFECT} when the claim would be the true one all the same
 */
export function plantFault(program: Program, input: AnswerInput, spec: FaultSpec): FaultyProgram {
  const bench = createBench(program, input);
  const truth = leavesOf(bench.log);
  for (const fault of listFaults(bench, spec)) {
    const faulty = createFaultyProgram(program, fault);
    const lie = leavesOf(logAnswer(faulty, input));
    if (lie !== truth) return faulty;
    tellTruth(program.memory, fault.readOnly);
  }
  throw new OpmlError('FAULT_WITHOUT_EFFECT', `The ${spec.kind} fault changes no token.`, {
    ...spec,
  });
}

function leavesOf({ roots, boundaries }: AnswerLog): string {
  return boundaries.map((state) => roots[state]).join();
}

/** Faults of this kind to try, the most telling first. */
function listFaults(bench: FaultBench, spec: FaultSpec): Iterable<PlantedFault> {
  switch (spec.kind) {
    case 'token':
      return tokenFaults(bench, spec);
    case 'operator':
      return operatorFaults(bench, spec);
    case 'instruction':
      return instructionFaults(bench, spec);
    case 'truncation':
      return truncationFaults(bench, spec);
    case 'weights':
      return weightFaults(bench);
    case 'input':
      return inputFaults(bench, spec.instead ? [spec.instead] : otherPrompts(bench.input));
    case 'parameters':
      return inputFaults(bench, [spec.instead ?? { temperature: 1.5, seed: 1 }, { maxTokens: 1 }]);
  }
}

/** The token that falls out when one of the likeliest is made unlikely before the choice. */
function* tokenFaults(bench: FaultBench, spec: FaultSpec): Generator<PlantedFault> {
  const { program } = bench;
  const transition = spec.token ?? middleToken(bench);
  const last = bench.operators(transition) - 1;
  const view = viewOf(program.memory);
  for (const address of largestFloats(bench, transition, last - 1)) {
    bench.goTo(transition, last);
    view.setFloat32(address, -Math.abs(view.getFloat32(address, true)) - 1, true);
    program.step();
    const answer = answerRegion(program).slice();
    yield answerFault(bench, transition, last, answer);
  }
}

/** The answer ends before this token, as if the model had ended it. */
function* truncationFaults(bench: FaultBench, spec: FaultSpec): Generator<PlantedFault> {
  const transition = spec.token ?? middleToken(bench);
  const last = bench.operators(transition) - 1;
  const { log } = bench;
  const answer = log.regionAt(log.boundaries[transition + 1]! - 1);
  viewOf(answer).setUint32(ANSWER.status, ANSWER_STATUS.done, true);
  viewOf(answer).setUint32(ANSWER.stopReason, STOP_REASON.end, true);
  yield answerFault(bench, transition, last, answer);
}

/** The operator gives another answer region; what else it writes is right. */
function answerFault(
  bench: FaultBench,
  transition: number,
  operator: number,
  answer: Uint8Array,
): PlantedFault {
  const after = bench.compare(transition, operator, () => {
    bench.program.step();
    answerRegion(bench.program).set(answer);
  });
  return { readOnly: [], operator: { transition, operator, after } };
}

/** One bit is turned in every word of an operator's result. */
function* operatorFaults(bench: FaultBench, spec: FaultSpec): Generator<PlantedFault> {
  const transition = spec.token ?? middleToken(bench);
  const { program } = bench;
  const view = viewOf(program.memory);
  const mask = 1 << (spec.bit ?? SIGN_BIT);
  for (const operator of operatorsToTry(bench, transition, spec)) {
    const outputs = bench.outputs(transition, operator);
    const after = bench.compare(transition, operator, () => {
      program.step();
      for (const address of outputs.flatMap(wordsOfLeaf)) {
        view.setUint32(address, view.getUint32(address, true) ^ mask, true);
      }
    });
    yield { readOnly: [], operator: { transition, operator, after } };
  }
}

/** One bit is turned in the result of one instruction. */
function* instructionFaults(bench: FaultBench, spec: FaultSpec): Generator<PlantedFault> {
  const transition = spec.token ?? middleToken(bench);
  const code = lowerModule(bench.program.wasm);
  for (const operator of operatorsToTry(bench, transition, spec)) {
    bench.goTo(transition, operator);
    const { counter: steps } = interpret(code, bench.program, Number.MAX_SAFE_INTEGER);
    for (const instruction of instructionsToTry(steps, spec)) {
      let returns = false;
      const after = bench.compare(transition, operator, () => {
        const { status } = interpret(code, bench.program, 2 * steps, instruction);
        returns = status === STATUS.halted;
      });
      if (!returns || after.length === 0) continue;
      yield { readOnly: [], operator: { transition, operator, after, instruction } };
    }
  }
}

/** Runs the operator that the program stands before. */
function interpret(code: Code, { memory, bounds }: Program, maxSteps: number, fault?: Fault) {
  const interpreter = createInterpreter(code, { memory, bounds, ...(fault ? { fault } : {}) });
  interpreter.run(maxSteps);
  return interpreter;
}

function* inputFaults(
  { input }: FaultBench,
  others: readonly Partial<AnswerInput>[],
): Generator<PlantedFault> {
  const truth = encodeInput(input);
  for (const other of others) {
    const lie = encodeInput({ ...input, ...other });
    yield { readOnly: [{ address: 0, truth, lie }] };
  }
}

/** Prompts in which two neighbours are exchanged, from the middle on. */
function otherPrompts({ prompt }: AnswerInput): Partial<AnswerInput>[] {
  const bytes = typeof prompt === 'string' ? new TextEncoder().encode(prompt) : prompt;
  const isLetter = (byte: number | undefined) => byte !== undefined && byte > 0x20 && byte < 0x7f;
  const places = [...bytes.keys()].filter(
    (i) => isLetter(bytes[i]) && isLetter(bytes[i + 1]) && bytes[i] !== bytes[i + 1],
  );
  const middle = places.length >> 1;
  return [...places.slice(middle), ...places.slice(0, middle)].map((at) => {
    const other = bytes.slice();
    other.set([bytes[at + 1]!, bytes[at]!], at);
    return { prompt: other };
  });
}

/** A bit is turned in every word of ever more of the weights, from their middle on. */
function* weightFaults({ program: { memory, bounds } }: FaultBench): Generator<PlantedFault> {
  const size = bounds.work - bounds.weights;
  const address = bounds.weights + Math.floor(size / 2 / MEMORY_LEAF_BYTES) * MEMORY_LEAF_BYTES;
  for (let bytes = MEMORY_LEAF_BYTES; bytes <= size / 4; bytes *= 8) {
    const truth = memory.slice(address, address + bytes);
    const lie = truth.map((byte, i) => (i % 4 === 0 ? byte ^ 0x40 : byte));
    yield { readOnly: [{ address, truth, lie }] };
  }
}

const SIGN_BIT = 31;

/** Bits of a result to turn, and where in an operator: far enough in, so that there are results. */
const BITS = [SIGN_BIT, 24, 12];
const PARTS = [0.5, 0.625, 0.75, 0.375, 0.875, 0.25];
const STEPS_A_PART = 8;

function* instructionsToTry(steps: number, { step, bit }: FaultSpec): Generator<Fault> {
  const around = PARTS.map((part) => Math.floor(steps * part));
  const tried =
    step === undefined
      ? around.flatMap((first) => Array.from({ length: STEPS_A_PART }, (_, i) => first + i))
      : [step];
  for (const at of tried) {
    if (at >= steps) continue;
    for (const turned of bit === undefined ? BITS : [bit]) yield { step: at, bit: turned };
  }
}

/** Later operators come first: what they write reaches the choice of the token. */
function operatorsToTry(bench: FaultBench, transition: number, { operator }: FaultSpec): number[] {
  const count = bench.operators(transition);
  if (operator === undefined) {
    const tried = [Math.floor(count * 0.75), count - 3, count - 2, count >> 1];
    return [...new Set(tried.filter((index) => index >= 0))];
  }
  if (operator < count) return [operator];
  throw new OpmlError('FAULT_BAD_PLACE', `Transition ${transition} has ${count} operators.`, {
    transition,
    operator,
    operators: count,
  });
}

/** The last token would have none behind it that could differ; the middle one shows most. */
function middleToken({ transitions }: FaultBench): number {
  return (transitions - 1) >> 1;
}

const TOKENS_TO_TRY = 64;

/** Addresses of the largest numbers that an operator writes, the largest first. */
function largestFloats(bench: FaultBench, transition: number, operator: number): number[] {
  const words = bench.outputs(transition, operator).flatMap(wordsOfLeaf);
  const view = viewOf(bench.program.memory);
  const values = words.map((address) => ({ address, value: view.getFloat32(address, true) }));
  const finite = values.filter(({ value }) => Number.isFinite(value) && value !== 0);
  finite.sort((a, b) => b.value - a.value || a.address - b.address);
  return finite.slice(0, TOKENS_TO_TRY).map(({ address }) => address);
}

/** Addresses of the 32-bit words of a leaf. */
function wordsOfLeaf(leaf: number): number[] {
  return Array.from({ length: MEMORY_LEAF_BYTES / 4 }, (_, i) => leaf + 4 * i);
}
