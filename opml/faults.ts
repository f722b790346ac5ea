/**
 * Planted faults, for demonstrations and tests: seven ways to make a false claim. Each is tried out
 * before it is used, because a fault that changes nothing in the claim is nothing to dispute.
 */
import type { AnswerInput, Program } from '../llama/program.js';
import { ANSWER, STATUS, STOP_REASON } from '../llama/regions.js';
import { type AnswerLog, answerRegion, logAnswer } from './answer-log.js';
import { OpmlError } from './errors.js';
import { readCounts, viewOf } from './facts.js';
import { checkPlace, createBench, type FaultBench, type Place } from './fault-bench.js';
import { inputFaults, OTHER_PARAMETERS, otherPrompts, weightFaults } from './fault-sources.js';
import { largestOutputs, stepFaults, TELLING_BITS } from './fault-steps.js';
import {
  createFaultyProgram,
  type FaultyProgram,
  type PlantedFault,
  tellTruth,
} from './faulty-program.js';

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

/** Faults to try out before giving up; before a value that is not finite has to do. */
const MAX_TRIES = 96;
const ENOUGH_TRIES = 16;
const OTHER_TOKENS = 4;

/**
 * Makes a party that commits this fault on this question. The program's memory is the liar's from now
 * on; its constants have to be read before. A question that the engine refuses has no answer to
 * falsify: it is refused by this party as well.
 *
 * @throws {FAULT_BAD_PLACE} when there is no such token, operator or step
 * @throws {FAULT_WITHOUT_EFFECT} when the claim would be the true one all the same
 */
export function plantFault(program: Program, input: AnswerInput, spec: FaultSpec): FaultyProgram {
  const bench = createBench(program, input);
  const truth = leavesOf(bench.log);
  if (isRefused(bench.log)) return createFaultyProgram(program, { readOnly: [] });
  let crude: PlantedFault | undefined;
  let tries = 0;
  for (const fault of listFaults(bench, spec)) {
    if (tries === (crude ? ENOUGH_TRIES : MAX_TRIES)) break;
    tries += 1;
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
  const message = `No fault (${kind}) that changes the answer was found: ${tries} were tried.`;
  throw new OpmlError('FAULT_WITHOUT_EFFECT', message, { spec, tries });
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
function endsInFault(log: AnswerLog): boolean {
  return stopReasonOf(log) === STOP_REASON.fault;
}

/** Whether there is no first token, because the prompt cannot be read or is too long. */
function isRefused(log: AnswerLog): boolean {
  const { tokens } = readCounts(viewOf(log.regionAt(log.roots.length - 1)));
  const reason = stopReasonOf(log);
  return tokens === 0 && (reason === STOP_REASON.prompt || reason === STOP_REASON.context);
}

function stopReasonOf({ roots, regionAt }: AnswerLog): number {
  return viewOf(regionAt(roots.length - 1)).getUint32(ANSWER.stopReason, true);
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
      return inPlaces(listPlaces(bench, transition, spec), (place) =>
        operatorFaults(bench, place, spec),
      );
    case 'instruction':
      return inPlaces(listPlaces(bench, transition, spec), (place) =>
        stepFaults(bench, place, spec),
      );
    case 'weights':
      return weightFaults(bench);
    case 'input':
      return inputFaults(bench, spec.instead ? [spec.instead] : otherPrompts(bench.input));
    case 'parameters':
      return inputFaults(bench, spec.instead ? [spec.instead] : OTHER_PARAMETERS);
  }
}

/**
 * The place asked for; or the operator whose result the next token is chosen from, the same operator
 * of other tokens, and then the operators before it.
 */
function* listPlaces(bench: FaultBench, transition: number, spec: FaultSpec): Generator<Place> {
  const last = (of: number) => bench.operators(of) - 2; // behind it comes the choice alone
  const operator = spec.operator ?? last(transition);
  checkPlace('operator', operator, bench.operators(transition));
  yield { transition, operator };
  if (spec.operator !== undefined || spec.step !== undefined) return;
  const others = spec.token === undefined ? [...Array(bench.transitions).keys()] : [];
  for (const other of others.slice(0, OTHER_TOKENS)) {
    if (other !== transition) yield { transition: other, operator: last(other) };
  }
  for (let earlier = operator; earlier > 0; ) yield { transition, operator: --earlier };
}

function* inPlaces(
  places: Iterable<Place>,
  faultsIn: (place: Place) => Iterable<PlantedFault>,
): Generator<PlantedFault> {
  for (const place of places) yield* faultsIn(place);
}

const TOKENS_TO_TRY = 64;

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

/** One bit is turned in every word of an operator's result. */
function* operatorFaults(
  bench: FaultBench,
  place: Place,
  { bit }: FaultSpec,
): Generator<PlantedFault> {
  const { program } = bench;
  const view = viewOf(program.memory);
  const outputs = bench.outputs(place);
  for (const turned of bit === undefined ? TELLING_BITS : [bit]) {
    const after = bench.compare(place, () => {
      program.step();
      for (const address of outputs) {
        view.setUint32(address, view.getUint32(address, true) ^ (1 << turned), true);
      }
    });
    yield { readOnly: [], operator: { ...place, after } };
  }
}
