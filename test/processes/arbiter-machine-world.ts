/**
 * A machine standing before one step, and the witness of that step, put together from the contract:
 * what the step touches is listed by the test, in order, and so is what becomes of it.
 */
import type { Bounds } from '../../llama/regions.js';
import { RegionTree } from '../../opml/machine/merkle.js';
import {
  encodeHeader,
  type ProgramConstants,
  programRoot,
  REGIONS,
  type Region,
  regionAt,
  regionRange,
  type StateHeader,
  stateHash,
} from '../../opml/machine/state.js';
import { noise } from './arbiter-machine-operands.js';

/** What the step opens, a slot or 256 bytes of memory, and what it writes there if it does. */
export type Access =
  | { readonly slot: number; readonly write?: Uint8Array }
  | { readonly leaf: number; readonly write?: { at: number; bytes: Uint8Array } };

export interface Step {
  /** 32 bytes; stands at `pc`, with noise around it. */
  readonly instruction: Uint8Array;
  readonly pc?: number;
  readonly fp?: number;
  readonly counter?: number;
  readonly frames?: Uint8Array;
  readonly status?: number;
  /** Absolute slot number -> its 16 bytes. */
  readonly slots?: ReadonlyMap<number, Uint8Array>;
  readonly accesses?: readonly Access[];
  /** Bytes behind the openings. */
  readonly tail?: Uint8Array;
  /** What is different afterwards; pc + 1 and counter + 1 where nothing is said. */
  readonly next?: Partial<StateHeader>;
}

export interface Trial {
  readonly program: ProgramConstants;
  readonly inputRoot: Uint8Array;
  readonly before: Uint8Array;
  readonly witness: Uint8Array;
  readonly after: Uint8Array;
  readonly memory: Uint8Array; // afterwards
}

const CODE_LENGTH = 11;
/** Every region has some leaves, their numbers no powers of two; all is one page and a bit. */
export const BOUNDS: Bounds = {
  answer: 0x10000,
  vocabulary: 0x10300,
  weights: 0x10800,
  work: 0x10900,
  end: 0x11500,
};

const MEMORY = noise('memory', BOUNDS.end);

export interface Fields {
  op: number;
  dst?: number;
  a?: number;
  b?: number;
  c?: number;
  immediate?: Uint8Array;
}

export function encodeInstruction({ op, dst = 0, a = 0, b = 0, c = 0, immediate }: Fields): Buffer {
  const bytes = Buffer.alloc(32);
  for (const [i, value] of [op, dst, a, b, c].entries()) bytes.writeUInt16LE(value, 2 * i);
  if (immediate) bytes.set(immediate, 16);
  return bytes;
}

/** 16 bytes that begin with these unsigned 32-bit numbers. */
export function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(16);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, 4 * i);
  return bytes;
}

export function buildTrial(step: Step): Trial {
  const memory = Buffer.from(MEMORY);
  const trees = openRegions(memory);
  const slots = Buffer.alloc(4096 * 16);
  for (const [index, value] of step.slots ?? []) slots.set(value, 16 * index);
  const slotTree = new RegionTree(slots, 32);
  const { pc = 3 } = step;
  const code = codeAround(step.instruction, pc);
  const program: ProgramConstants = {
    codeRoot: code.root,
    codeLength: CODE_LENGTH,
    entryPc: 0,
    vocabularyRoot: trees.vocabulary.root,
    weightsRoot: trees.weights.root,
    bounds: BOUNDS,
  };
  const header = (): StateHeader => ({
    answerRoot: trees.answer.root,
    workRoot: trees.work.root,
    slotsRoot: slotTree.root,
    framesHash: step.frames ?? new Uint8Array(32),
    pc,
    fp: step.fp ?? 0,
    counter: step.counter ?? 0,
    status: step.status ?? 0,
  });
  const first = header();
  const parts: Uint8Array[] = [encodeHeader(first), step.instruction, code.proof(pc % CODE_LENGTH)];
  for (const access of step.accesses ?? []) {
    if ('slot' in access) parts.push(...openSlot(slots, slotTree, access.slot, access.write));
    else parts.push(...openLeaf(memory, trees, access.leaf, access.write));
  }
  parts.push(step.tail ?? new Uint8Array());
  const root = programRoot(program);
  const last = { ...header(), pc: (pc + 1) >>> 0, counter: first.counter + 1, ...step.next };
  return {
    program,
    inputRoot: trees.input.root,
    before: stateHash(root, trees.input.root, first),
    witness: Buffer.concat(parts),
    after: stateHash(root, trees.input.root, last),
    memory,
  };
}

function codeAround(instruction: Uint8Array, pc: number): RegionTree {
  const code = noise('code', 32 * CODE_LENGTH);
  if (pc < CODE_LENGTH) code.set(instruction, 32 * pc);
  return new RegionTree(code, 32);
}

function openRegions(memory: Buffer): Record<Region, RegionTree> {
  const trees = REGIONS.map((region) => {
    const { from, to } = regionRange(BOUNDS, region);
    return [region, new RegionTree(memory.subarray(from, to))];
  });
  return Object.fromEntries(trees);
}

function openSlot(slots: Buffer, tree: RegionTree, index: number, write?: Uint8Array) {
  const leaf = index >> 1;
  const opening = [Uint8Array.from(tree.leaf(leaf)), tree.proof(leaf)];
  if (write) {
    slots.set(write, 16 * index);
    tree.update([leaf]);
  }
  return opening;
}

function openLeaf(
  memory: Buffer,
  trees: Record<Region, RegionTree>,
  address: number,
  write?: { at: number; bytes: Uint8Array },
) {
  const region = regionAt(BOUNDS, address);
  const leaf = (address - regionRange(BOUNDS, region).from) / 256;
  const opening = [Uint8Array.from(trees[region].leaf(leaf)), trees[region].proof(leaf)];
  if (write) {
    memory.set(write.bytes, write.at);
    trees[region].update([leaf]);
  }
  return opening;
}

/** What a load or store of these bytes opens: one leaf or two, with its part of what is written. */
export function memoryAccesses(address: number, size: number, bytes?: Uint8Array): Access[] {
  const first = address - (address % 256);
  const leaves = address + size > first + 256 ? [first, first + 256] : [first];
  return leaves.map((leaf) => {
    if (!bytes) return { leaf };
    const from = Math.max(address, leaf);
    const to = Math.min(address + size, leaf + 256);
    return { leaf, write: { at: from, bytes: bytes.subarray(from - address, to - address) } };
  });
}

/** Bytes of the memory before the step. */
export const memoryAt = (address: number, size: number): Buffer =>
  MEMORY.subarray(address, address + size);
