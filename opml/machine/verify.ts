/**
 * The judge: from the hash of a state and the witness of one step, the hash of the next state. It sees
 * nothing else but the constants of the registered program; every byte of the witness is checked
 * against a root, so a witness leads to this one hash or is refused.
 */
import { OpmlError, type OpmlErrorCode } from '../errors.js';
import {
  HASH_BYTES,
  type Hash,
  hashLeaf,
  MEMORY_LEAF_BYTES,
  rootFromProof,
  treeDepth,
} from './merkle.js';
import { type Access, type PoppedFrame, type StepDetail, takeStep } from './proof-step.js';
import {
  HEADER_BYTES,
  INSTRUCTION_BYTES,
  type ProgramConstants,
  programRoot,
  pushFrame,
  type Region,
  regionAt,
  regionRange,
  SLOT_BYTES,
  SLOT_LEAF_BYTES,
  SLOTS_DEPTH,
  STATUS,
  type StateHeader,
  stateHash,
  WITNESS_BYTES_MAX,
} from './state.js';

/** What a witness proves. */
export interface VerifiedStep {
  readonly next: Hash;
  readonly header: StateHeader; // of the next state
  /** Undefined if the state has stopped: nothing happens in it. */
  readonly detail: StepDetail | undefined;
}

/**
 * Verifies one step. A state that has stopped stays as it is, so that every number of steps leads to
 * one state; its witness is the header alone.
 *
 * @param state hash of the state before the step
 * @throws {WITNESS_TRUNCATED, WITNESS_LEFTOVER, WITNESS_WRONG_STATE, WITNESS_WRONG_OPENING,
 *   WITNESS_BAD_CODE}
 */
export function verifyStep(
  program: ProgramConstants,
  inputRoot: Hash,
  state: Hash,
  witness: Uint8Array,
): VerifiedStep {
  const reader = createWitnessReader(witness);
  const header = readHeader(reader);
  const root = programRoot(program);
  if (!equal(stateHash(root, inputRoot, header), state)) {
    refuse('WITNESS_WRONG_STATE', 'The witness is not of this state.', { state: hex(state) });
  }
  const { next, detail } =
    header.status === STATUS.running
      ? takeStep(openWitness(program, inputRoot, header, reader))
      : { next: header, detail: undefined };
  if (reader.left > 0) {
    refuse('WITNESS_LEFTOVER', `The witness has ${reader.left} bytes too many.`, {});
  }
  return { next: stateHash(root, inputRoot, next), header: next, detail };
}

interface WitnessReader {
  readonly left: number;
  take(count: number): Uint8Array;
}

function createWitnessReader(witness: Uint8Array): WitnessReader {
  if (witness.length > WITNESS_BYTES_MAX) {
    refuse('WITNESS_LEFTOVER', `The witness has ${witness.length} bytes.`, {});
  }
  const bytes = Uint8Array.from(witness); // a Buffer would share its memory with its slices
  let at = 0;
  return {
    get left() {
      return bytes.length - at;
    },
    take: (count) => {
      if (at + count > bytes.length) {
        refuse('WITNESS_TRUNCATED', `The witness ends after ${bytes.length} bytes.`, {});
      }
      at += count;
      return bytes.slice(at - count, at);
    },
  };
}

function readHeader(reader: WitnessReader): StateHeader {
  const bytes = reader.take(HEADER_BYTES);
  const hash = (index: number) => bytes.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES);
  const numbers = new DataView(bytes.buffer, 4 * HASH_BYTES);
  return {
    answerRoot: hash(0),
    workRoot: hash(1),
    slotsRoot: hash(2),
    framesHash: hash(3),
    pc: numbers.getUint32(0, true),
    fp: numbers.getUint32(4, true),
    counter: Number(numbers.getBigUint64(8, true)),
    status: numbers.getUint8(16),
  };
}

/** The Access of a step whose every part comes from the witness and is checked against its root. */
function openWitness(
  program: ProgramConstants,
  inputRoot: Hash,
  header: StateHeader,
  reader: WitnessReader,
): Access {
  const { bounds, vocabularyRoot, weightsRoot } = program;
  const { answerRoot, workRoot } = header;
  const roots: Record<Region | 'slots', Hash> = {
    input: inputRoot,
    answer: answerRoot,
    vocabulary: vocabularyRoot,
    weights: weightsRoot,
    work: workRoot,
    slots: header.slotsRoot,
  };
  const open = (root: Hash, index: number, leafBytes: number, depth: number) => {
    const leaf = reader.take(leafBytes);
    const proof = reader.take(depth * HASH_BYTES);
    if (!equal(rootFromProof(hashLeaf(leaf), index, proof), root)) {
      refuse('WITNESS_WRONG_OPENING', `Leaf ${index} of the witness is not in its tree.`, {
        index,
      });
    }
    return {
      leaf,
      rootOf: (changed: Uint8Array) => rootFromProof(hashLeaf(changed), index, proof),
    };
  };
  const openSlot = (slot: number) =>
    open(roots.slots, Math.floor(slot / 2), SLOT_LEAF_BYTES, SLOTS_DEPTH);
  const openLeaf = (leaf: number) => {
    const region = regionAt(bounds, leaf * MEMORY_LEAF_BYTES);
    const { from, to } = regionRange(bounds, region);
    const depth = treeDepth((to - from) / MEMORY_LEAF_BYTES);
    const index = leaf - from / MEMORY_LEAF_BYTES;
    return { region, ...open(roots[region], index, MEMORY_LEAF_BYTES, depth) };
  };
  return {
    header,
    bounds,
    openCode: (pc) => {
      const depth = treeDepth(program.codeLength);
      if (pc >= 2 ** depth) refuse('WITNESS_BAD_CODE', `There is no instruction ${pc}.`, { pc });
      return open(program.codeRoot, pc, INSTRUCTION_BYTES, depth).leaf;
    },
    openSlot: (slot) => {
      const at = (slot % 2) * SLOT_BYTES;
      return openSlot(slot).leaf.slice(at, at + SLOT_BYTES);
    },
    writeSlot: (slot, bytes) => {
      const { leaf, rootOf } = openSlot(slot);
      leaf.set(bytes, (slot % 2) * SLOT_BYTES);
      roots.slots = rootOf(leaf);
    },
    openLeaf: (leaf) => openLeaf(leaf).leaf,
    writeLeaf: (index, at, bytes) => {
      const { region, leaf, rootOf } = openLeaf(index);
      leaf.set(bytes, at);
      roots[region] = rootOf(leaf);
    },
    popFrame: () => popFrame(header.framesHash, reader),
    roots: () => ({ answerRoot: roots.answer, workRoot: roots.work, slotsRoot: roots.slots }),
  };
}

function popFrame(frames: Hash, reader: WitnessReader): PoppedFrame {
  const previous = reader.take(HASH_BYTES);
  const numbers = new DataView(reader.take(8).buffer);
  const returnPc = numbers.getUint32(0, true);
  const callerFp = numbers.getUint32(4, true);
  if (!equal(pushFrame(previous, returnPc, callerFp), frames)) {
    refuse('WITNESS_WRONG_OPENING', 'The frame of the witness is not the last one.', { returnPc });
  }
  return { previous, returnPc, callerFp };
}

function equal(left: Hash, right: Hash): boolean {
  return Buffer.compare(left, right) === 0;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function refuse(
  code: OpmlErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>>,
): never {
  throw new OpmlError(code, message, details);
}
