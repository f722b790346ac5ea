/** What one step writes, in bytes: the value that two parties differ about. */
import { immediate } from './machine/code.js';
import type { Interpreter } from './machine/interpreter.js';
import { OPCODES, writesSlot } from './machine/opcodes.js';
import { SLOT_BYTES } from './machine/state.js';

/**
 * Makes one step, and tells what it has written: a slot, or the bytes that a store put into memory.
 *
 * @returns hex in the order of the bytes; '' for a step that writes neither
 */
export function takeResult(interpreter: Interpreter): string {
  const { code, pc, fp, slots, memory } = interpreter;
  const { op, dst, a, imm } = code.instruction(pc);
  const opcode = OPCODES.get(op);
  const slotAt = (slot: number) => (fp + slot) * SLOT_BYTES;
  const base = new DataView(slots.buffer, slots.byteOffset).getUint32(slotAt(a), true);
  interpreter.run(1);
  if (opcode?.shape === 'store') {
    const address = base + immediate(imm, 0);
    return toText(memory.subarray(address, address + opcode.bytes));
  }
  if (opcode === undefined || !writesSlot(opcode.shape)) return '';
  return toText(slots.subarray(slotAt(dst), slotAt(dst) + SLOT_BYTES));
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
