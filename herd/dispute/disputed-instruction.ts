/**
 * What a dispute comes down to, for people: where the machine is at a step, and what each side makes of
 * the one instruction that they differ about. The judge needs none of this: it has the proof.
 */
import type { Lie } from '../../opml/faulty-program.js';
import type { OperatorRun } from '../../opml/operator-run.js';
import type { Tracer } from '../../opml/tracer.js';
import type { ArbiterGame } from '../bots/arbiter-reader.js';
import type { DisputeParties } from './dispute-parties.js';
import type { InstructionRecord, Place, RoundRecord } from './dispute-record.js';
import { nameOperator } from './name-operator.js';
import { showAddress, showValue, showWord } from './show-value.js';

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
  right.describe(0); // puts the memory before the operator
  const operatorName = opened.program ? nameOperator(opened.program) : '';
  const left = opened.fault?.operator?.after ?? [];
  const truth = { value: right.result(step), state: right.state(hi) };
  const lie = { value: wrong.result(step), state: wrong.state(hi) };
  const differing = truth.value === lie.value ? findDifference(left) : undefined;
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
    operatorName,
    steps,
    text,
    operands: operands.map(({ name: slot, value }, index) => ({
      name: slot,
      value: index === 0 && isMemoryAccess(opcode) ? showAddress(value) : showValue(value, opcode),
    })),
    values: bySide((word) =>
      differing
        ? `${differing.place} is ${word === lie ? differing.lie : differing.truth}`
        : showValue(word.value, opcode),
    ),
    states: bySide(({ state }) => state),
  };
}

function runOf(tracer: Tracer, game: ArbiterGame): OperatorRun {
  return tracer.operator(game.before, game.operator ?? 0);
}

/** Loads and stores take an address first. */
function isMemoryAccess(opcode: string): boolean {
  return /\.(load|store)/.test(opcode);
}

interface Difference {
  readonly place: string;
  readonly truth: string;
  readonly lie: string;
}

const WORD_BYTES = 4;
const ZERO_WORD = '00000000';

/**
 * A word of memory that the liar left otherwise than it should be: when the last step itself writes the
 * same on both sides. The last one that should not be zero: in an answer that is the token's id.
 */
function findDifference(lies: readonly Lie[]): Difference | undefined {
  let found: Difference | undefined;
  for (const { address, truth, lie } of [...lies].reverse()) {
    for (let at = truth.length - WORD_BYTES; at >= 0; at -= WORD_BYTES) {
      const [right = '', wrong = ''] = [truth, lie].map((bytes) =>
        Buffer.from(bytes.subarray(at, at + WORD_BYTES)).toString('hex'),
      );
      if (right === wrong) continue;
      const place = `memory 0x${(address + at).toString(16)}`;
      found = { place, truth: showWord(right), lie: showWord(wrong) };
      if (right !== ZERO_WORD) return found;
    }
  }
  return found;
}
