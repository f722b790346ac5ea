/**
 * The instructions of one function while it is lowered, and the labels that jumps wait for. An
 * instruction that has just been put down may still be given another destination, which saves the
 * move of `local.set`; not across a label, because a jump to there has not run it.
 */
import { type Instruction, immediates } from './code.js';
import { OPCODES, writesSlot } from './opcodes.js';

/** A place in the code that jumps go to, known or not yet. */
export interface Label {
  at: number | undefined;
  readonly waiting: Instruction[];
}

export interface Emitter {
  readonly code: readonly Instruction[];
  emit(op: number, slots?: Partial<Slots>, imm?: Uint8Array): Instruction;
  /** A jump of any kind; `value` is what jumpIfEqual compares with. */
  jump(op: number, label: Label, condition?: number, value?: number): void;
  place(label: Label): void;
  /** Lets the last instruction write to another slot, if it made what is in `from`. */
  redirect(from: number, to: number): boolean;
  /** Takes back the last instruction, if it has this number and made what is in `slot`. */
  takeBack(op: number, slot: number): Instruction | undefined;
}

interface Slots {
  readonly dst: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

export function createLabel(at?: number): Label {
  return { at, waiting: [] };
}

export function createEmitter(): Emitter {
  const code: Instruction[] = [];
  let labelled = 0; // the code's length at the last label
  const emit: Emitter['emit'] = (op, slots = {}, imm = immediates()) => {
    const instruction = { op, dst: 0, a: 0, b: 0, c: 0, ...slots, imm };
    code.push(instruction);
    return instruction;
  };
  const lastInto = (slot: number): Instruction | undefined => {
    const last = code.length > labelled ? code.at(-1) : undefined;
    if (last === undefined || last.dst !== slot) return undefined;
    return writesSlot(OPCODES.get(last.op)?.shape ?? 'trap') ? last : undefined;
  };
  return {
    code,
    emit,
    jump: (op, label, condition = 0, value = 0) => {
      const instruction = emit(op, { a: condition }, immediates(label.at ?? 0, value));
      if (label.at === undefined) label.waiting.push(instruction);
    },
    place: (label) => {
      label.at = code.length;
      labelled = code.length;
      for (const jump of label.waiting)
        new DataView(jump.imm.buffer).setUint32(0, code.length, true);
    },
    redirect: (from, to) => {
      const last = lastInto(from);
      if (last !== undefined) last.dst = to;
      return last !== undefined;
    },
    takeBack: (op, slot) => {
      const last = lastInto(slot);
      return last?.op === op ? code.pop() : undefined;
    },
  };
}
