/**
 * Where the values of WebAssembly's operand stack are while a function is lowered. Position p has a
 * slot of its own, behind the locals; but a value that `local.get` put there stays in its local until
 * that changes, so that most instructions read locals directly.
 */
import type { Emitter } from './emitter.js';
import { OP } from './opcodes.js';

export interface Operands {
  readonly height: number;
  /** Slots that the function needs, locals included. */
  readonly slotsMax: number;
  /** Puts a new value on top: the slot to write it to. */
  push(): number;
  pushLocal(local: number): void;
  /** Takes the top value off: the slot to read it from. */
  pop(): number;
  /** The slot of the top value, which stays. */
  top(): number;
  /** Takes `count` values off: their slots, the deepest first. */
  take(count: number): number[];
  /** Cuts the stack down to a height. */
  cut(height: number): void;
  /** The slot that position `height` owns. */
  slotAt(height: number): number;
  /** Moves values that are still in locals to slots of their own; all of them, or one local's. */
  settle(local?: number): boolean;
  /** Copies a value to a slot; the instruction that made it writes there at once where it can. */
  move(from: number, to: number): void;
}

export function createOperands(locals: number, emitter: Emitter): Operands {
  const stack: number[] = [];
  let slotsMax = locals;
  const slotAt = (height: number) => locals + height;
  const pop = (): number => stack.pop() as number;
  return {
    get height() {
      return stack.length;
    },
    get slotsMax() {
      return slotsMax;
    },
    slotAt,
    push: () => {
      stack.push(slotAt(stack.length));
      slotsMax = Math.max(slotsMax, slotAt(stack.length));
      return slotAt(stack.length - 1);
    },
    pushLocal: (local) => {
      stack.push(local);
      slotsMax = Math.max(slotsMax, slotAt(stack.length));
    },
    pop,
    top: () => stack.at(-1) as number,
    take: (count) => stack.splice(stack.length - count, count),
    cut: (height) => {
      stack.length = height;
    },
    settle: (local) => {
      let moved = false;
      for (const [height, slot] of stack.entries()) {
        if (slot >= locals || (local !== undefined && slot !== local)) continue;
        emitter.emit(OP.move, { dst: slotAt(height), a: slot });
        stack[height] = slotAt(height);
        moved = true;
      }
      return moved;
    },
    move: (from, to) => {
      if (from === to) return;
      const redirected = from >= locals && emitter.redirect(from, to);
      if (!redirected) emitter.emit(OP.move, { dst: to, a: from });
    },
  };
}
