/**
 * A planted fault: the result of one step comes out with one bit flipped, as from a broken machine or
 * a lying worker. Only for showing and testing disputes.
 */
import { type Instruction, immediate } from './code.js';
import { OPCODES, type Opcode, writesSlot } from './opcodes.js';
import { SLOT_BYTES } from './state.js';

export interface Fault {
  readonly step: number; // the counter before the step
  readonly bit: number; // of the result's bits, from the lowest; counted around its size
}

/**
 * Prepares the fault of the step that is about to be taken.
 *
 * @returns flips the bit, once the step is taken; does nothing to a step without a result
 */
export function flipResult(
  instruction: Instruction,
  fp: number,
  slots: Uint8Array,
  memory: Uint8Array,
  bit: number,
): () => void {
  const opcode = OPCODES.get(instruction.op);
  const at = (slot: number) => (fp + slot) * SLOT_BYTES;
  if (opcode?.shape === 'store') {
    const address = new DataView(slots.buffer).getUint32(at(instruction.a), true);
    return flipper(memory, address + immediate(instruction.imm, 0), opcode.bytes, bit);
  }
  if (opcode === undefined || !writesSlot(opcode.shape)) return () => undefined;
  return flipper(slots, at(instruction.dst), resultBytes(opcode), bit);
}

function flipper(bytes: Uint8Array, at: number, size: number, bit: number): () => void {
  return () => {
    const index = at + (Math.floor(bit / 8) % size);
    bytes[index] = (bytes[index] as number) ^ (1 << (bit % 8));
  };
}

/** How many low bytes of a slot an instruction fills. */
function resultBytes({ name, shape }: Opcode): number {
  if (shape === 'const' || /^(move|select)$/.test(name)) return 4;
  if (/extract_lane|_true$/.test(name)) return 4;
  if (/^(v128|[if]\d+x)/.test(name)) return SLOT_BYTES;
  if (/^i64\.(eq|ne|lt|gt|le|ge)/.test(name)) return 4;
  if (/^f64\.(eq|ne|lt|gt|le|ge)/.test(name)) return 4;
  return /^.64/.test(name) ? 8 : 4;
}
