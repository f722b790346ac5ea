/** What a machine is about to do, in words and values, for whoever follows a dispute. */
import type { Instruction } from './machine/code.js';
import type { Interpreter } from './machine/interpreter.js';
import { OPCODES, opcodeName, slotReads, writesSlot } from './machine/opcodes.js';
import { SLOT_BYTES } from './machine/state.js';

export interface StepDescription {
  /** Steps made before it. */
  readonly step: number;
  readonly pc: number;
  readonly opcode: string;
  /** Function of the engine module. */
  readonly function: string;
  /** The instruction in words: `slot 7 = f32.add(slot 4, slot 5)`. */
  readonly text: string;
  readonly operands: readonly NamedValue[];
}

export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

export function describeStep(interpreter: Interpreter): StepDescription {
  const { code, counter, pc, fp, slots } = interpreter;
  const instruction = code.instruction(pc);
  const { a, b, c } = instruction;
  const count = slotReads(OPCODES.get(instruction.op)?.shape ?? 'trap');
  const operands = [a, b, c].slice(0, count).map((slot) => {
    const at = (fp + slot) * SLOT_BYTES;
    return { name: `slot ${slot}`, value: showValue(slots.slice(at, at + SLOT_BYTES)) };
  });
  return {
    step: counter,
    pc,
    opcode: opcodeName(instruction.op),
    function: code.functionAt(pc)?.name ?? '',
    text: toText(instruction, operands),
    operands,
  };
}

function toText({ op, dst }: Instruction, operands: readonly NamedValue[]): string {
  const shape = OPCODES.get(op)?.shape ?? 'trap';
  const call = `${opcodeName(op)}(${operands.map(({ name }) => name).join(', ')})`;
  return writesSlot(shape) ? `slot ${dst} = ${call}` : call;
}

/** The 16 bytes of a slot; what they mean is the instruction's. */
function showValue(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
