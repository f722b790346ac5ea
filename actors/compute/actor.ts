/**
 * An actor: one living process, whatever kind of machine it runs on. It answers messages one at a
 * time, and its whole state can be taken as bytes and brought to life elsewhere.
 */

import { ActorError } from '../errors.js';
import type { Checkpoint } from '../lua/checkpoint.js';
import type { Inspection, StateKey } from '../lua/inspect.js';
import type { WasmCapture } from '../wasm/checkpoint.js';
import type { EvaluationResult } from './result.js';

/** A message as the machine takes it. */
export interface Input {
  readonly json: string;
  readonly timestampMs: number;
}

/**
 * The memory of a process as its machine has it: plain, not compressed, never changed, and shared with
 * every other capture in which it is the same. Taking one and going on from one cost a copy at most.
 */
export type MemoryCapture =
  | { readonly kind: 'lua'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'wasm'; readonly state: WasmCapture };

/** The linear memory of a WebAssembly process, as compute units of AO give it: nothing else of it. */
export interface WholeMemory {
  readonly kind: 'whole';
  readonly memory: Uint8Array;
}

/** What an actor goes on from: packed for a store, captured, or given by another network. */
export type SavedMemory = Uint8Array | MemoryCapture | WholeMemory;

export interface Actor {
  /** Never throws: what goes wrong is the result's error, and the memory is as before. */
  evaluate(message: Input): EvaluationResult;
  /** As `evaluate`, and the memory is as before whatever happens. */
  dryRun(message: Input): EvaluationResult;
  /** What it takes to go on from here with another machine of the same program; small. */
  checkpoint(): Uint8Array;
  /** The same for forks of the network: quickly taken, and large. */
  capture(): MemoryCapture;
  /** What is at a path from the globals of a Lua process; nothing of it changes. */
  inspect(path: readonly StateKey[]): Inspection;
  /** The state byte by byte: equal for equal histories. */
  memory(): Uint8Array;
  /** SHA-256 of the state. */
  hash(): string;
  dispose(): void;
}

/** The refusal of a capture of another kind of machine. */
export function otherMachine(kind: (MemoryCapture | WholeMemory)['kind']): ActorError {
  const machine = kind === 'whole' ? 'wasm' : kind;
  return new ActorError('CHECKPOINT_DAMAGED', `the memory is that of a ${machine} process`, {
    hint: 'Go on from it with the module that it was captured with.',
    details: { kind },
  });
}
