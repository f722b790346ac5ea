/**
 * A party's own computation of a disputed answer, at every depth that the game asks for: answers after
 * each token, memory after each operator of a transition, states of one operator. Everything follows
 * from the question and the model, so nothing needs to be kept: what is kept here only saves time.
 * V8 runs the operators; the interpreter runs the one that is in dispute.
 */
import type { AnswerInput, Program } from '../llama/program.js';
import { type AnswerLog, findState, logAnswer } from './answer-log.js';
import { type Claim, inputRoot, makeClaim, readConstants } from './claim.js';
import type { FaultyProgram } from './faulty-program.js';
import { toHex } from './hex.js';
import { lowerModule } from './machine/lower.js';
import { programRoot } from './machine/state.js';
import { createOperatorRun, type OperatorRun } from './operator-run.js';
import { type OperatorTrace, traceOperators } from './operator-trace.js';

export interface Tracer {
  readonly programRoot: string;
  readonly inputRoot: string;
  /** The claim that this party makes, or would make. */
  claim(): Claim;
  /** Roots of all states that the answer goes through, from the empty one on: token leaves and more. */
  answers(): readonly string[];
  /** The token leaf behind one of `answers`. @throws {TRACE_UNKNOWN_ANSWER} */
  leafAfter(before: string): string;
  /**
   * The operators from an answer to the next token boundary.
   *
   * @param before one of `answers`
   * @param count run so many instead
   * @throws {TRACE_UNKNOWN_ANSWER}
   */
  operators(before: string, count?: number): OperatorTrace;
  /**
   * One operator of that transition, from 0, by steps; good until the tracer is asked for another
   * operator, for operators or for the first time for answers.
   *
   * @throws {TRACE_UNKNOWN_ANSWER}
   */
  operator(before: string, index: number): OperatorRun;
}

/**
 * @param program the tracer's own: it leaves the memory in a state that serves nobody else
 * @param constants those of the honest program; default: hashed from the program's memory
 */
export function createTracer(
  program: Program | FaultyProgram,
  input: AnswerInput,
  constants = readConstants(program),
): Tracer {
  const fault = 'fault' in program ? program.fault : undefined;
  const code = lowerModule(program.wasm);
  const question = inputRoot(input);
  const root = toHex(programRoot(constants));
  let log: AnswerLog | undefined;
  let run: { readonly key: string; readonly operator: OperatorRun } | undefined;
  /** The log, whose making moves the memory away from the operator under way. */
  const readLog = () => {
    if (log === undefined) {
      run = undefined;
      log = logAnswer(program, input);
    }
    return log;
  };
  /** Puts the program to a state of the answer, with nothing in its caches. */
  const restartAt = (before: string) => {
    const { regionAt } = readLog();
    const state = findState(readLog(), before);
    run = undefined;
    program.begin(input);
    program.restart(regionAt(state));
    return state;
  };
  return {
    programRoot: root,
    inputRoot: toHex(question),
    claim() {
      const { roots, boundaries, regionAt } = readLog();
      const leaves = boundaries.map((state) => roots[state] as string);
      return makeClaim(root, toHex(question), leaves, regionAt(roots.length - 1));
    },
    answers: () => readLog().roots,
    leafAfter(before) {
      const { roots, boundaries } = readLog();
      const state = findState(readLog(), before);
      const next = boundaries.find((boundary) => boundary > state) ?? state;
      return roots[next] as string;
    },
    operators(before, count) {
      restartAt(before);
      return traceOperators(program, count);
    },
    operator(before, index) {
      const key = `${before} ${index}`;
      if (run?.key === key) return run.operator;
      const state = restartAt(before);
      for (let i = 0; i < index; i++) program.step();
      const transition = readLog().boundaries.indexOf(state);
      const lie = fault?.operator;
      const isPlanted = lie?.transition === transition && lie.operator === index;
      const operator = createOperatorRun({
        program,
        code,
        constants,
        inputRoot: question,
        fault,
        lie: isPlanted ? lie : undefined,
      });
      run = { key, operator };
      return operator;
    },
  };
}
