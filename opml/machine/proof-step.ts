/**
 * One step of the machine, for judging: written once, over an Access. With the real machine behind it
 * everything that the step touches is recorded as a witness (witness.ts); with a witness behind it
 * everything is checked against the roots of the state (verify.ts).
 */
import type { Bounds } from '../../llama/regions.js';
import { OpmlError } from '../errors.js';
import { decodeInstruction, type Instruction, immediate } from './code.js';
import { type Hash, MEMORY_LEAF_BYTES, ZERO_HASH } from './merkle.js';
import { OP, OPCODES, type Opcode, slotReads } from './opcodes.js';
import { loadValue, storedBytes } from './proof-memory.js';
import { type Compute, SCALARS, type Value } from './proof-scalars.js';
import { VECTORS } from './proof-vectors.js';
import { emptySlotsRoot, pushFrame, regionAt, SLOTS, STATUS, type StateHeader } from './state.js';

export interface PoppedFrame {
  readonly previous: Hash;
  readonly returnPc: number;
  readonly callerFp: number;
}

/** What a step may touch. Everything is opened in the order of the step, whatever was opened before. */
export interface Access {
  readonly header: StateHeader;
  readonly bounds: Bounds;
  /** The 32 bytes of an instruction. */
  openCode(pc: number): Uint8Array;
  /** The 16 bytes of a slot. */
  openSlot(index: number): Uint8Array;
  writeSlot(index: number, bytes: Uint8Array): void;
  /** The 256 bytes of a leaf; leaves count from address 0. */
  openLeaf(leaf: number): Uint8Array;
  writeLeaf(leaf: number, at: number, bytes: Uint8Array): void;
  popFrame(): PoppedFrame;
  /** The roots after all writes so far. */
  roots(): Pick<StateHeader, 'answerRoot' | 'workRoot' | 'slotsRoot'>;
}

/** A step, for printing. */
export interface StepDetail {
  readonly op: number;
  readonly name: string;
  readonly counter: number; // before the step
  readonly pc: number; // before the step
  readonly operands: readonly SlotValue[];
  readonly memory?: {
    readonly address: number;
    readonly bytes: Uint8Array;
    readonly written: boolean;
  };
  readonly result?: SlotValue;
  readonly nextPc: number;
  readonly status: number; // after the step
}

/** A slot of the whole 4096, and its 16 bytes. */
export interface SlotValue {
  readonly slot: number;
  readonly bytes: Uint8Array;
}

type Change = Partial<Pick<StateHeader, 'pc' | 'fp' | 'status' | 'framesHash'>>;
type Effect = Change & Partial<Pick<StepDetail, 'memory' | 'result'>>;

interface Step {
  readonly access: Access;
  readonly instruction: Instruction;
  readonly opcode: Opcode;
  readonly operands: readonly SlotValue[];
}

/**
 * Takes one step from a running state.
 *
 * @returns the header of the next state, and what happened
 * @throws {WITNESS_BAD_CODE} when the code is none of this machine; and what `access` throws
 */
export function takeStep(access: Access): { next: StateHeader; detail: StepDetail } {
  const { pc, counter } = access.header;
  const instruction = decodeInstruction(access.openCode(pc));
  const opcode = OPCODES.get(instruction.op);
  if (opcode === undefined) throw badCode(`opcode ${instruction.op}`, pc);
  const { a, b, c } = instruction;
  const operands = [a, b, c].slice(0, slotReads(opcode.shape)).map((relative): SlotValue => {
    const slot = slotIndex(access, relative);
    return { slot, bytes: access.openSlot(slot) };
  });
  const effect = perform({ access, instruction, opcode, operands });
  const { memory, result, ...change } = effect;
  const next: StateHeader = {
    ...access.header,
    pc: pc + (effect.status === undefined ? 1 : 0),
    ...change,
    ...access.roots(),
    ...(effect.status === STATUS.halted && { slotsRoot: emptySlotsRoot() }),
    counter: counter + 1,
  };
  const detail: StepDetail = {
    op: instruction.op,
    name: opcode.name,
    counter,
    pc,
    operands,
    ...(memory && { memory }),
    ...(result && { result }),
    nextPc: next.pc,
    status: next.status,
  };
  return { next, detail };
}

function badCode(what: string, pc: number): OpmlError {
  return new OpmlError('WITNESS_BAD_CODE', `The instruction at ${pc} has ${what}.`, { pc });
}

function slotIndex({ header }: Access, relative: number): number {
  const slot = header.fp + relative;
  if (slot >= SLOTS) throw badCode(`slot ${slot}`, header.pc);
  return slot;
}

function perform(step: Step): Effect {
  switch (step.opcode.shape) {
    case 'trap':
      return { status: STATUS.unreachable };
    case 'jump':
    case 'jumpIf':
      return jump(step);
    case 'call':
      return call(step);
    case 'return':
      return leave(step);
    case 'const':
      return write(step, viewOf(step.instruction.imm));
    case 'load':
      return load(step);
    case 'store':
      return store(step);
    default:
      return compute(step);
  }
}

function viewOf(bytes: Uint8Array): Value {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function operand({ operands }: Step, index: number): Value {
  return viewOf(operands[index]?.bytes ?? new Uint8Array(16));
}

function jump(step: Step): Effect {
  const { op, imm } = step.instruction;
  const taken = isTaken(op, operand(step, 0).getUint32(0, true), immediate(imm, 1));
  return taken ? { pc: immediate(imm, 0) } : {};
}

function isTaken(op: number, condition: number, compared: number): boolean {
  if (op === OP.jumpIf) return condition !== 0;
  if (op === OP.jumpIfZero) return condition === 0;
  return op === OP.jump || condition === compared;
}

function call({ access, instruction }: Step): Effect {
  const { pc, fp, framesHash } = access.header;
  const [target, delta, slots] = [0, 1, 2].map((index) => immediate(instruction.imm, index)) as [
    number,
    number,
    number,
  ];
  if (fp + delta + slots > SLOTS) return { status: STATUS.stackOverflow };
  return { pc: target, fp: fp + delta, framesHash: pushFrame(framesHash, pc + 1, fp) };
}

function leave({ access }: Step): Effect {
  const { framesHash } = access.header;
  if (Buffer.compare(framesHash, ZERO_HASH) === 0) return { pc: 0, fp: 0, status: STATUS.halted };
  const { previous, returnPc, callerFp } = access.popFrame();
  return { pc: returnPc, fp: callerFp, framesHash: previous };
}

function write({ access, instruction }: Step, value: Value): Effect {
  const slot = slotIndex(access, instruction.dst);
  const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  access.writeSlot(slot, bytes);
  return { result: { slot, bytes } };
}

const OWN: Readonly<Record<string, Compute>> = {
  move: (a) => a,
  select: (a, b, c) => (c.getUint32(0, true) === 0 ? b : a),
};

function compute(step: Step): Effect {
  const { name } = step.opcode;
  const f = OWN[name] ?? SCALARS[name] ?? VECTORS[name];
  if (f === undefined) throw badCode(`no meaning for ${name}`, step.access.header.pc);
  const result = f(operand(step, 0), operand(step, 1), operand(step, 2), step.instruction.imm);
  return typeof result === 'number' ? { status: result } : write(step, result);
}

function addressOf(step: Step): number {
  return operand(step, 0).getUint32(0, true) + immediate(step.instruction.imm, 0);
}

function load(step: Step): Effect {
  const { access, opcode } = step;
  const address = addressOf(step);
  if (address + opcode.bytes > access.bounds.end) return { status: STATUS.memoryOutOfBounds };
  const bytes = new Uint8Array(opcode.bytes);
  for (const part of partsOf(address, opcode.bytes)) {
    const leaf = access.openLeaf(part.leaf);
    bytes.set(leaf.subarray(part.at, part.at + part.length), part.from);
  }
  return {
    ...write(step, loadValue(opcode.name, bytes)),
    memory: { address, bytes, written: false },
  };
}

function store(step: Step): Effect {
  const { access, opcode } = step;
  const address = addressOf(step);
  const last = address + opcode.bytes - 1;
  if (last >= access.bounds.end) return { status: STATUS.memoryOutOfBounds };
  if (![address, last].every((at) => isWritable(access.bounds, at))) {
    return { status: STATUS.readOnlyMemory };
  }
  const bytes = storedBytes(operand(step, 1), opcode.bytes);
  for (const part of partsOf(address, opcode.bytes)) {
    access.writeLeaf(part.leaf, part.at, bytes.subarray(part.from, part.from + part.length));
  }
  return { memory: { address, bytes, written: true } };
}

function isWritable(bounds: Bounds, address: number): boolean {
  const region = regionAt(bounds, address);
  return region === 'answer' || region === 'work';
}

/** An access cut at the border of two leaves, if it lies across one. */
function partsOf(address: number, length: number) {
  const leaf = Math.floor(address / MEMORY_LEAF_BYTES);
  const at = address % MEMORY_LEAF_BYTES;
  const first = Math.min(length, MEMORY_LEAF_BYTES - at);
  const parts = [{ leaf, at, from: 0, length: first }];
  if (first < length) parts.push({ leaf: leaf + 1, at: 0, from: first, length: length - first });
  return parts;
}
