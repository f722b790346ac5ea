/**
 * What a state of the machine is, and the hashes that commit to it: program, memory, frames, state.
 * Every hash has a domain byte of its own; numbers are little-endian. The Lua arbiter computes the
 * same ones, so nothing here may change without it.
 */
import type { Bounds } from '../../llama/regions.js';
import { OpmlError } from '../errors.js';
import {
  HASH_BYTES,
  type Hash,
  hashLeaf,
  hashParts,
  MEMORY_LEAF_BYTES,
  treeDepth,
  uniformRoot,
  ZERO_HASH,
} from './merkle.js';

export const REGIONS = ['input', 'answer', 'vocabulary', 'weights', 'work'] as const;
export type Region = (typeof REGIONS)[number];

/** All that a judge keeps of a program: the rest comes with the witness and is checked by these. */
export interface ProgramConstants {
  readonly codeRoot: Hash;
  readonly codeLength: number; // instructions
  readonly entryPc: number;
  readonly vocabularyRoot: Hash;
  readonly weightsRoot: Hash;
  readonly bounds: Bounds;
}

export const STATUS = {
  running: 0,
  halted: 1,
  unreachable: 2,
  memoryOutOfBounds: 3,
  divisionByZero: 4,
  integerOverflow: 5,
  invalidConversion: 6,
  stackOverflow: 7,
  readOnlyMemory: 8,
} as const;

/** The name of a status number, for printing. */
export function statusName(status: number): string {
  return Object.entries(STATUS).find(([, value]) => value === status)?.[0] ?? `status ${status}`;
}

export const SLOTS = 4096;
export const SLOT_BYTES = 16;
/** Two slots. */
export const SLOT_LEAF_BYTES = 32;
export const SLOTS_DEPTH = treeDepth((SLOTS * SLOT_BYTES) / SLOT_LEAF_BYTES);
export const INSTRUCTION_BYTES = 32;
/** Of the witness of one step; the arbiter refuses longer ones. */
export const WITNESS_BYTES_MAX = 4096;

/** The parts of a state that change from step to step; memory, slots and frames as their hashes. */
export interface StateHeader {
  readonly answerRoot: Hash;
  readonly workRoot: Hash;
  readonly slotsRoot: Hash;
  readonly framesHash: Hash;
  readonly pc: number;
  readonly fp: number;
  readonly counter: number;
  readonly status: number;
}

/** What `encodeHeader` makes: four hashes, pc, fp, counter, status. */
export const HEADER_BYTES = 4 * HASH_BYTES + 4 + 4 + 8 + 1;

/** Where a region starts and ends. */
export function regionRange(bounds: Bounds, region: Region): { from: number; to: number } {
  const edges = [0, bounds.answer, bounds.vocabulary, bounds.weights, bounds.work, bounds.end];
  const index = REGIONS.indexOf(region);
  return { from: edges[index] as number, to: edges[index + 1] as number };
}

/** The region that holds an address below the memory's end. */
export function regionAt(bounds: Bounds, address: number): Region {
  if (address < bounds.answer) return 'input';
  if (address < bounds.vocabulary) return 'answer';
  if (address < bounds.weights) return 'vocabulary';
  return address < bounds.work ? 'weights' : 'work';
}

/** @throws {MACHINE_BAD_BOUNDS} */
export function checkBounds(bounds: Bounds): void {
  const edges = [0, bounds.answer, bounds.vocabulary, bounds.weights, bounds.work, bounds.end];
  const ordered = edges.every((edge, index) => index === 0 || edge >= (edges[index - 1] as number));
  const whole = edges.every((edge) => edge % MEMORY_LEAF_BYTES === 0);
  if (!ordered || !whole || bounds.end > 2 ** 32) {
    throw new OpmlError('MACHINE_BAD_BOUNDS', `The memory cannot be cut at ${edges.join(', ')}.`, {
      bounds,
    });
  }
}

function u32(...values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, 4 * index);
  return bytes;
}

/** Commits to the code and where an operator starts in it. */
export function moduleRoot(program: ProgramConstants): Hash {
  return hashParts(0x05, program.codeRoot, u32(program.codeLength, program.entryPc));
}

/** Commits to what of memory never changes, and to where everything is. */
export function modelRoot(program: ProgramConstants): Hash {
  const { answer, vocabulary, weights, work, end } = program.bounds;
  const leaves = [answer, vocabulary, weights, work, end].map((edge) => edge / MEMORY_LEAF_BYTES);
  return hashParts(0x04, program.vocabularyRoot, program.weightsRoot, u32(...leaves));
}

/** Commits to everything of a program that never changes: its code and its model. */
export function programRoot(program: ProgramConstants): Hash {
  return hashParts(0x03, moduleRoot(program), modelRoot(program));
}

/** Commits to the memory between two operators: an operator leaf. */
export function memoryHash(answerRoot: Hash, workRoot: Hash): Hash {
  return hashParts(0x07, answerRoot, workRoot);
}

/** The hash of the frames after a call; the hash of no frames is ZERO_HASH. */
export function pushFrame(frames: Hash, returnPc: number, callerFp: number): Hash {
  return hashParts(0x06, frames, u32(returnPc, callerFp));
}

export function encodeHeader(header: StateHeader): Uint8Array {
  const numbers = Buffer.alloc(17);
  numbers.writeUInt32LE(header.pc, 0);
  numbers.writeUInt32LE(header.fp, 4);
  numbers.writeBigUInt64LE(BigInt(header.counter), 8);
  numbers.writeUInt8(header.status, 16);
  return Buffer.concat([
    header.answerRoot,
    header.workRoot,
    header.slotsRoot,
    header.framesHash,
    numbers,
  ]);
}

/** Commits to a whole state of one program on one input. */
export function stateHash(program: Hash, inputRoot: Hash, header: StateHeader): Hash {
  const memory = memoryHash(header.answerRoot, header.workRoot);
  const rest = encodeHeader(header).subarray(2 * HASH_BYTES);
  return hashParts(0x02, program, inputRoot, memory, rest);
}

/** Root of slots that are all zero. */
export function emptySlotsRoot(): Hash {
  return uniformRoot(hashLeaf(new Uint8Array(SLOT_LEAF_BYTES)), SLOTS_DEPTH);
}

/** Root of a region of this many bytes that are all zero. */
export function emptyRegionRoot(bytes: number): Hash {
  const leaf = hashLeaf(new Uint8Array(MEMORY_LEAF_BYTES));
  return uniformRoot(leaf, treeDepth(bytes / MEMORY_LEAF_BYTES));
}

/** The state in which an operator starts on this memory. */
export function startState(answerRoot: Hash, workRoot: Hash, entryPc: number): StateHeader {
  return { ...emptyState(answerRoot, workRoot), pc: entryPc, counter: 0, status: STATUS.running };
}

/** The state in which an operator of so many steps ends with this memory. */
export function haltedState(answerRoot: Hash, workRoot: Hash, steps: number): StateHeader {
  return { ...emptyState(answerRoot, workRoot), pc: 0, counter: steps, status: STATUS.halted };
}

function emptyState(answerRoot: Hash, workRoot: Hash) {
  return { answerRoot, workRoot, slotsRoot: emptySlotsRoot(), framesHash: ZERO_HASH, fp: 0 };
}
