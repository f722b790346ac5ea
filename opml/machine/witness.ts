/**
 * Builds the witness of one step: the judge's own step is taken on the real machine, without changing
 * it, and whatever it touches is written down with its proof.
 */
import type { Bounds } from '../../llama/regions.js';
import { type Frame, hashFrames, type Interpreter } from './interpreter.js';
import {
  HASH_BYTES,
  type Hash,
  hashLeaf,
  MEMORY_LEAF_BYTES,
  type RegionTree,
  rootFromProof,
  treeDepth,
} from './merkle.js';
import { OPCODES, slotReads, writesSlot } from './opcodes.js';
import { type Access, type PoppedFrame, takeStep } from './proof-step.js';
import {
  encodeHeader,
  HEADER_BYTES,
  INSTRUCTION_BYTES,
  REGIONS,
  type Region,
  regionAt,
  regionRange,
  SLOT_BYTES,
  SLOT_LEAF_BYTES,
  SLOTS_DEPTH,
  STATUS,
} from './state.js';

/** A leaf that the step has written, of which the trees do not know. */
interface Written {
  readonly region: Region;
  readonly index: number;
  readonly hash: Hash;
}

/** The witness of the step that the machine would take next; of a stopped one, its header alone. */
export function buildWitness(machine: Interpreter): Uint8Array {
  const header = machine.header();
  if (header.status !== STATUS.running) return encodeHeader(header);
  const parts: Uint8Array[] = [encodeHeader(header)];
  const slots = machine.slotTree();
  let written: Written | undefined;

  const recordSlot = (slot: number): Uint8Array => {
    const leaf = Math.floor(slot / 2);
    parts.push(slots.leaf(leaf), slots.proof(leaf));
    return machine.slots.slice(slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES);
  };
  const recordLeaf = (leaf: number) => {
    const { region, tree, index } = findLeaf(machine, leaf);
    const before = written?.region === region ? written : undefined;
    parts.push(tree.leaf(index), before ? proofAfter(tree, index, before) : tree.proof(index));
    return { region, index, bytes: tree.leaf(index).slice() };
  };
  const access: Access = {
    header,
    bounds: machine.bounds,
    openCode: (pc) => {
      parts.push(machine.code.tree.leaf(pc), machine.code.tree.proof(pc));
      return machine.code.tree.leaf(pc);
    },
    openSlot: recordSlot,
    writeSlot: (slot) => {
      recordSlot(slot);
    },
    openLeaf: (leaf) => recordLeaf(leaf).bytes,
    writeLeaf: (leaf, at, bytes) => {
      const opened = recordLeaf(leaf);
      opened.bytes.set(bytes, at);
      written = { ...opened, hash: hashLeaf(opened.bytes) };
    },
    popFrame: () => recordFrame(machine.frames, parts),
    roots: () => header,
  };
  takeStep(access);
  return new Uint8Array(Buffer.concat(parts));
}

/**
 * The longest witness that a step of any instruction can have.
 *
 * @param codeLength instructions
 */
export function witnessBytesMax(codeLength: number, bounds: Bounds): number {
  const opening = (leafBytes: number, depth: number) => leafBytes + depth * HASH_BYTES;
  const slot = opening(SLOT_LEAF_BYTES, SLOTS_DEPTH);
  const depths = REGIONS.map((region) => {
    const { from, to } = regionRange(bounds, region);
    return treeDepth((to - from) / MEMORY_LEAF_BYTES);
  });
  const leaf = opening(MEMORY_LEAF_BYTES, Math.max(...depths));
  const touched = [...OPCODES.values()].map(({ shape, bytes }) => {
    const slots = slotReads(shape) + (writesSlot(shape) ? 1 : 0);
    const frame = shape === 'return' ? HASH_BYTES + 8 : 0;
    return slots * slot + Math.min(2, bytes) * leaf + frame;
  });
  const code = opening(INSTRUCTION_BYTES, treeDepth(codeLength));
  return HEADER_BYTES + code + Math.max(...touched);
}

function findLeaf(machine: Interpreter, leaf: number) {
  const region = regionAt(machine.bounds, leaf * MEMORY_LEAF_BYTES);
  const { from } = regionRange(machine.bounds, region);
  return { region, tree: machine.tree(region), index: leaf - from / MEMORY_LEAF_BYTES };
}

function recordFrame(frames: readonly Frame[], parts: Uint8Array[]): PoppedFrame {
  const { returnPc, callerFp } = frames.at(-1) as Frame;
  const previous = hashFrames(frames.slice(0, -1));
  parts.push(previous, new Uint8Array(Uint32Array.of(returnPc, callerFp).buffer));
  return { previous, returnPc, callerFp };
}

/** A leaf's siblings in a tree in which its neighbour has just changed. */
function proofAfter(tree: RegionTree, index: number, written: Written): Uint8Array {
  const proof = tree.proof(index);
  const neighbours = tree.proof(written.index);
  let level = 0;
  while (index >>> (level + 1) !== written.index >>> (level + 1)) level += 1;
  const below = neighbours.subarray(0, level * HASH_BYTES);
  proof.set(rootFromProof(written.hash, written.index, below), level * HASH_BYTES);
  return proof;
}
