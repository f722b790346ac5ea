/**
 * Planted faults, for demonstrations and tests: seven ways to make a false claim. Each is tried out
 * before it is used, because a fault that changes nothing in the claim is nothing to dispute.
 */
import { encodeInput } from '../llama/answer.js';
import type { AnswerInput, Program } from '../llama/program.js';
import { ANSWER, STATUS, STOP_REASON } from '../llama/regions.js';
import { type AnswerLog, answerRegion, logAnswer } from './answer-log.js';
import { OpmlError } from './errors.js';
import { viewOf } from './facts.js';
import { checkPlace, createBench, type FaultBench, type Place } from './fault-bench.js';
import { largestOutputs, stepFaults } from './fault-steps.js';
import {
  createFaultyProgram,
  type FaultyProgram,
  type PlantedFault,
  tellTruth,
} from './faulty-program.js';
import { MEMORY_LEAF_BYTES } from './machine/merkle.js';

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
  let crude: PlantedFault | undefined;
  for (const fault of listFaults(bench, spec)) {
    const faulty = createFaultyProgram(program, fault);
    const log = tryOut(faulty, input);
    if (log !== undefined && leavesOf(log) !== truth) {
      if (!endsInFault(log)) return faulty;
      crude ??= fault;
    }
    tellTruth(program.memory, fault.readOnly);
  }
  if (crude !== undefined) return createFaultyProgram(program, crude);
  const { kind } = spec;
  throw new OpmlError('FAULT_WITHOUT_EFFECT', `The fault (${kind}) changes no token.`, { spec });
}

/**
 * The liar's answer; undefined when the lie makes the engine crash, or read what an earlier answer has
 * left in memory: nobody could defend that.
 */
function tryOut(faulty: FaultyProgram, input: AnswerInput): AnswerLog | undefined {
  try {
    const log = logAnswer(faulty, input);
    faulty.begin(input);
    while (faulty.run());
    const again = Buffer.compare(answerRegion(faulty), log.regionAt(log.roots.length - 1));
    return again === 0 ? log : undefined;
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return undefined;
    throw error;
  }
}

/** Whether a value stops being finite: true, but not much to look at. */
function endsInFault({ roots, regionAt }: AnswerLog): boolean {
  const answer = viewOf(regionAt(roots.length - 1));
  return answer.getUint32(ANSWER.stopReason, true) === STOP_REASON.fault;
}

function leavesOf({ roots, boundaries }: AnswerLog): string {
  return boundaries.map((state) => roots[state]).join();
}

/** Faults of this kind to try, the most telling first. */
function listFaults(bench: FaultBench, spec: FaultSpec): Iterable<PlantedFault> {
  // The middle token shows most: there is a part of the answer before it and behind it.
  const transition = spec.token ?? (bench.transitions - 1) >> 1;
  switch (spec.kind) {
    case 'token':
      return tokenFaults(bench, transition);
    case 'truncation':
      return truncationFaults(bench, transition);
    case 'operator':
      return operatorFaults(bench, placeOf(bench, transition, spec), spec);
    case 'instruction':
      return stepFaults(bench, placeOf(bench, transition, spec), spec);
    case 'weights':
      return weightFaults(bench);
    case 'input':
      return inputFaults(bench, spec.instead ? [spec.instead] : otherPrompts(bench.input));
    case 'parameters':
      return inputFaults(bench, spec.instead ? [spec.instead] : OTHER_PARAMETERS);
  }
}

/** The operator asked for, or the one whose result the next token is chosen from. */
function placeOf(bench: FaultBench, transition: number, spec: FaultSpec): Place {
  const count = bench.operators(transition);
  const operator = spec.operator ?? count - 2;
  checkPlace('operator', operator, count);
  return { transition, operator };
}

const TOKENS_TO_TRY = 64;
const OTHER_PARAMETERS: readonly Partial<AnswerInput>[] = [
  { temperature: 1.5, seed: 1 },
  { maxTokens: 1 },
];

/** The token that falls out when one of the likeliest is made unlikely before the choice. */
function* tokenFaults(bench: FaultBench, transition: number): Generator<PlantedFault> {
  const { program } = bench;
  const operator = bench.operators(transition) - 1;
  const choice = { transition, operator };
  const view = viewOf(program.memory);
  const likeliest = largestOutputs(bench, { transition, operator: operator - 1 });
  for (const address of likeliest.slice(0, TOKENS_TO_TRY)) {
    bench.goTo(choice);
    view.setFloat32(address, -Math.abs(view.getFloat32(address, true)) - 1, true);
    program.step();
    yield answerFault(bench, choice, answerRegion(program).slice());
  }
}

/** The answer ends before this token, as if the model had ended it. */
function* truncationFaults(bench: FaultBench, transition: number): Generator<PlantedFault> {
  const operator = bench.operators(transition) - 1;
  const { log } = bench;
  const answer = log.regionAt((log.boundaries[transition + 1] as number) - 1);
  viewOf(answer).setUint32(ANSWER.status, STATUS.done, true);
  viewOf(answer).setUint32(ANSWER.stopReason, STOP_REASON.end, true);
  yield answerFault(bench, { transition, operator }, answer);
}

/** The operator gives another answer region; what else it writes is right. */
function answerFault(bench: FaultBench, place: Place, answer: Uint8Array): PlantedFault {
  const after = bench.compare(place, () => {
    bench.program.step();
    answerRegion(bench.program).set(answer);
  });
  return { readOnly: [], operator: { ...place, after } };
}

const SIGN_BIT = 31;

/** One bit is turned in every word of an operator's result. */
function* operatorFaults(
  bench: FaultBench,
  place: Place,
  { bit = SIGN_BIT }: FaultSpec,
): Generator<PlantedFault> {
  const { program } = bench;
  const view = viewOf(program.memory);
  const outputs = bench.outputs(place);
  const after = bench.compare(place, () => {
    program.step();
    for (const address of outputs) {
      view.setUint32(address, view.getUint32(address, true) ^ (1 << bit), true);
    }
  });
  yield { readOnly: [], operator: { ...place, after } };
}

function* inputFaults(
  { input }: FaultBench,
  others: readonly Partial<AnswerInput>[],
): Generator<PlantedFault> {
  const truth = encodeInput(input);
  for (const other of others) {
    yield { readOnly: [{ address: 0, truth, lie: encodeInput({ ...input, ...other }) }] };
  }
}

/** Prompts in which two neighbours are exchanged, from the middle on; then prompts turned around. */
function otherPrompts({ prompt }: AnswerInput): Partial<AnswerInput>[] {
  const bytes = typeof prompt === 'string' ? new TextEncoder().encode(prompt) : prompt;
  const isLetter = (byte: number | undefined) => byte !== undefined && byte > 0x20 && byte < 0x7f;
  const places = [...bytes.keys()].filter(
    (i) => isLetter(bytes[i]) && isLetter(bytes[i + 1]) && bytes[i] !== bytes[i + 1],
  );
  const middle = places.length >> 1;
  const exchanged = [...places.slice(middle), ...places.slice(0, middle)].map((at) => {
    const other = bytes.slice();
    other.set(bytes.slice(at, at + 2).reverse(), at);
    return { prompt: other };
  });
  const turned = [0.5, 0.25, 0.75].map((part) => {
    const at = Math.floor(bytes.length * part);
    return { prompt: new Uint8Array(Buffer.concat([bytes.subarray(at), bytes.subarray(0, at)])) };
  });
  return [...exchanged, ...turned];
}

/** The sign is turned in every word of some of the weights, here and there, then of more of them. */
function* weightFaults({ program: { memory, bounds } }: FaultBench): Generator<PlantedFault> {
  const size = bounds.work - bounds.weights;
  for (let bytes = MEMORY_LEAF_BYTES; bytes <= size / 8; bytes *= 4) {
    for (const part of [0.5, 0.75, 0.25, 0.625, 0.875, 0.375, 0.125]) {
      const leaf = Math.floor((size * part) / MEMORY_LEAF_BYTES);
      const address = bounds.weights + leaf * MEMORY_LEAF_BYTES;
      const truth = memory.slice(address, address + bytes);
      const lie = truth.map((byte, i) => (i % 4 === 3 ? byte ^ 0x80 : byte));
      yield { readOnly: [{ address, truth, lie }] };
    }
  }
}
