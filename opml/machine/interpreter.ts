/**
 * The fast interpreter: runs the machine's code at tens of millions of steps a second, counts every
 * step and can stop at any, save a state and come back to it. Which steps a party disputes is found
 * with it; the judge has an interpreter of its own (verify.ts).
 */
import type { Bounds } from '../../llama/regions.js';
import { plainBytes } from './byte-reader.js';
import type { Code } from './code.js';
import type { Registers } from './fast-code.js';
import { createRunner } from './fast-run.js';
import { type Fault, flipResult } from './fault.js';
import { laneArrays } from './lanes.js';
import { type Hash, RegionTree, ZERO_HASH } from './merkle.js';
import {
  checkBounds,
  pushFrame,
  SLOT_BYTES,
  SLOT_LEAF_BYTES,
  SLOTS,
  STATUS,
  type StateHeader,
  stateHash,
} from './state.js';
import { type RegionTrees, type TrackedMemory, trackMemory } from './tracked-memory.js';

export interface InterpreterOptions {
  readonly memory: Uint8Array; // written in place
  readonly bounds: Bounds;
  readonly trees?: RegionTrees; // over regions of this memory, kept up to date
  readonly fault?: Fault; // planted, each time that its step is run
}

/** One call that has not returned. */
export interface Frame {
  readonly returnPc: number;
  readonly callerFp: number;
}

/** A state to come back to, within the interpreter that made it. */
export interface Snapshot {
  readonly counter: number;
  readonly registers: Registers;
  readonly slots: Uint8Array;
  readonly leaves: ReadonlyMap<number, Uint8Array>;
}

export interface Interpreter {
  readonly code: Code;
  readonly bounds: Bounds;
  readonly counter: number; // steps taken
  readonly status: number;
  readonly pc: number;
  readonly fp: number;
  readonly slots: Uint8Array; // live, 16 bytes each
  readonly frames: readonly Frame[];
  readonly memory: Uint8Array;
  readonly tree: TrackedMemory['tree'];
  /** Takes at most so many steps; returns how many, fewer only when the machine stops. */
  run(maxSteps: number): number;
  /** The roots and numbers that make the state's hash. */
  header(): StateHeader;
  hash(program: Hash, inputRoot: Hash): Hash;
  /** The tree over the slots as they are now. */
  slotTree(): RegionTree;
  snapshot(): Snapshot;
  restore(snapshot: Snapshot): void;
}

const HALTED = { pc: 0, fp: 0, status: STATUS.halted };

/**
 * An interpreter at the start of an operator.
 *
 * @throws {MACHINE_BAD_BOUNDS}
 */
export function createInterpreter(code: Code, options: InterpreterOptions): Interpreter {
  const { bounds, fault } = options;
  checkBounds(bounds);
  const memory = plainBytes(options.memory);
  const slots = new Uint8Array(SLOTS * SLOT_BYTES);
  const tracked = trackMemory(memory, bounds, options.trees);
  const registers: Registers = { pc: code.entryPc, fp: 0, status: STATUS.running, frames: [] };
  let counter = 0;
  const advance = createRunner(code, {
    registers,
    slots: laneArrays(slots.buffer),
    memory: new DataView(memory.buffer, memory.byteOffset, memory.length),
    bounds,
    beforeWrite: tracked.beforeWrite,
    halt: () => {
      slots.fill(0);
      Object.assign(registers, HALTED);
    },
  });
  const run = (maxSteps: number): number => {
    const taken = advance(maxSteps);
    counter += taken;
    return taken;
  };
  const runWithFault = (maxSteps: number, { step, bit }: Fault): number => {
    const before = step - counter;
    if (before < 0 || before >= maxSteps) return run(maxSteps);
    const taken = run(before);
    if (registers.status !== STATUS.running) return taken;
    const flip = flipResult(code.instruction(registers.pc), registers.fp, slots, memory, bit);
    run(1);
    if (registers.status === STATUS.running) flip();
    return before + 1 + run(maxSteps - before - 1);
  };
  const slotTree = trackSlots(slots);
  const header = (): StateHeader => ({
    ...rootsOf(registers, tracked, slotTree()),
    pc: registers.pc,
    fp: registers.fp,
    counter,
    status: registers.status,
  });
  return {
    code,
    bounds,
    slots,
    memory,
    tree: tracked.tree,
    slotTree,
    header,
    get counter() {
      return counter;
    },
    get status() {
      return registers.status;
    },
    get pc() {
      return registers.pc;
    },
    get fp() {
      return registers.fp;
    },
    get frames() {
      return framesOf(registers);
    },
    run: (maxSteps) => (fault === undefined ? run(maxSteps) : runWithFault(maxSteps, fault)),
    hash: (program, inputRoot) => stateHash(program, inputRoot, header()),
    snapshot: () => ({
      counter,
      registers: { ...registers, frames: [...registers.frames] },
      slots: slots.slice(),
      leaves: tracked.save(),
    }),
    restore: (saved) => {
      counter = saved.counter;
      const { pc, fp, status, frames } = saved.registers;
      Object.assign(registers, { pc, fp, status });
      registers.frames.splice(0, registers.frames.length, ...frames);
      slots.set(saved.slots);
      tracked.restore(saved.leaves);
    },
  };
}

/** The tree over the slots; brought up to date, by comparison, whenever it is asked for. */
function trackSlots(slots: Uint8Array): () => RegionTree {
  const now = new Uint32Array(slots.buffer);
  const leafWords = SLOT_LEAF_BYTES / 4;
  let hashed: { readonly words: Uint32Array; readonly tree: RegionTree } | undefined;
  return () => {
    hashed ??= treeOfZeros(slots.length);
    const { words, tree } = hashed;
    const changed = new Set<number>();
    for (let word = 0; word < now.length; word += 1) {
      if (now[word] !== words[word]) changed.add(Math.floor(word / leafWords));
    }
    words.set(now);
    tree.update([...changed]);
    return tree;
  };
}

function treeOfZeros(bytes: number) {
  const zeros = new Uint8Array(bytes);
  return { words: new Uint32Array(zeros.buffer), tree: new RegionTree(zeros, SLOT_LEAF_BYTES) };
}

function rootsOf(registers: Registers, tracked: TrackedMemory, slots: RegionTree) {
  return {
    answerRoot: tracked.tree('answer').root,
    workRoot: tracked.tree('work').root,
    slotsRoot: slots.root,
    framesHash: hashFrames(framesOf(registers)),
  };
}

function framesOf({ frames }: Registers): Frame[] {
  return Array.from({ length: frames.length / 2 }, (_, index) => ({
    returnPc: frames[2 * index] as number,
    callerFp: frames[2 * index + 1] as number,
  }));
}

/** The hash of frames, the innermost last. */
export function hashFrames(frames: readonly Frame[]): Hash {
  return frames.reduce(
    (hash, { returnPc, callerFp }) => pushFrame(hash, returnPc, callerFp),
    ZERO_HASH,
  );
}
