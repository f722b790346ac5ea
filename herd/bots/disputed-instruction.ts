/**
 * What a dispute comes down to, for people: where the machine is at a step, and what each side makes of
 * the one instruction that they differ about. The judge needs none of this: it has the proof.
 */
import type { OperatorRun } from '../../opml/operator-run.js';
import type { Tracer } from '../../opml/tracer.js';
import type { ArbiterGame } from './arbiter-reader.js';
import type { DisputeParties } from './dispute-parties.js';
import type { InstructionRecord, Place, RoundRecord } from './dispute-record.js';
import { showValue } from './show-value.js';

/** Where an honest computation of the disputed operator is at a step. */
export function locateStep(
  { opened }: DisputeParties,
  game: ArbiterGame,
  step: number,
): Place | undefined {
  const run = opened.honest && runOf(opened.honest, game);
  if (run === undefined || step >= run.steps()) return undefined;
  const { opcode, function: name } = run.describe(step);
  return { step, opcode, function: name };
}

/** The instruction behind the last agreed state; undefined if the game ended before it was named. */
export function explainInstruction(
  { opened, liar }: DisputeParties,
  game: ArbiterGame,
  rounds: readonly RoundRecord[],
): InstructionRecord | undefined {
  const last = rounds.at(-1);
  if (last?.kind !== 'Step' || !opened.honest || !opened.liar) return undefined;
  const { lo: step, hi } = last.after;
  const [right, wrong] = [runOf(opened.honest, game), runOf(opened.liar, game)];
  const { pc, opcode, function: name, text, operands } = right.describe(step);
  const steps = right.steps();
  const truth = { value: writtenBy(right, step, opcode), state: right.state(hi) };
  const lie = { value: writtenBy(wrong, step, opcode), state: wrong.state(hi) };
  const bySide = <T>(pick: (word: typeof truth) => T) => ({
    challenger: pick(liar === 'challenger' ? lie : truth),
    defender: pick(liar === 'defender' ? lie : truth),
    arbiter: pick(truth),
  });
  return {
    step,
    pc,
    opcode,
    function: name,
    token: game.leaf,
    operator: game.operator ?? 0,
    operatorName: nameOperator(right, steps),
    steps,
    text,
    operands: operands.map(({ name: slot, value }) => ({
      name: slot,
      value: showValue(value, opcode),
    })),
    values: bySide(({ value }) => value),
    states: bySide(({ state }) => state),
  };
}

function runOf(tracer: Tracer, game: ArbiterGame): OperatorRun {
  return tracer.operator(game.before, game.operator ?? 0);
}

/** What a step writes, or that it writes nothing: then the sides differ about memory as it was left. */
function writtenBy(run: OperatorRun, step: number, opcode: string): string {
  const hex = run.result(step);
  return hex === '' ? 'nothing is written' : showValue(hex, opcode);
}

const SAMPLES = 16;
const OPERATOR_FUNCTION = /operators\/([\w-]+)\//;

/** The operator's name, read off the functions that it spends its time in. */
function nameOperator(run: OperatorRun, steps: number): string {
  for (let sample = 1; sample < SAMPLES; sample++) {
    const { function: name } = run.describe(Math.floor((steps * sample) / SAMPLES));
    const operator = OPERATOR_FUNCTION.exec(name)?.[1];
    if (operator !== undefined) return operator;
  }
  return run.describe(steps >> 1).function;
}
