/**
 * Where processes live. A host evaluates messages for the compute unit: the local one in this
 * thread, at once; the threaded one on compute threads, later. The compute unit sees one port: it
 * wakes a process before it asks, and brings it to life again if it is no longer awake.
 */

import { invariant } from '../errors.js';
import type { Inspection, StateKey } from '../lua/inspect.js';
import type { Actor, Input, MemoryCapture, SavedMemory } from './actor.js';
import type { Program } from './modules.js';
import type { Nursery } from './nursery.js';
import type { EvaluationResult } from './result.js';

/** What a host must know to bring a process to life. */
export interface Life {
  readonly id: string;
  readonly program: Program;
  /** Second argument of `handle`. */
  readonly environment: string;
}

/** A message on its way into a process, with its id for what devices tell meanwhile. */
export interface HostInput extends Input {
  readonly message?: string | undefined;
}

export interface ProcessHost {
  /** True if it answers later, when real time has passed. */
  readonly takesTime: boolean;
  /** False for a process that was never woken, fell asleep, or whose thread ended. */
  isAwake(process: string): boolean;
  /**
   * Brings a process to life in its first state, or in one that was saved.
   * @throws {CHECKPOINT_FOREIGN, CHECKPOINT_INVALID} and what makes a process unfit to live
   */
  wake(life: Life, saved?: SavedMemory): void | Promise<void>;
  /** Evaluates in the order of the calls; the process must be awake, as for all that follow. */
  evaluate(process: string, input: HostInput): EvaluationResult | Promise<EvaluationResult>;
  /** Evaluates after all that came before, and changes nothing. */
  dryRun(process: string, input: HostInput): EvaluationResult | Promise<EvaluationResult>;
  /** What `wake` takes, after all that came before. */
  checkpoint(process: string): Uint8Array | Promise<Uint8Array>;
  /** The same, quickly taken and large. */
  capture(process: string): MemoryCapture | Promise<MemoryCapture>;
  /** What is at a path from the globals of a Lua process, after all that came before. */
  inspect(process: string, path: readonly StateKey[]): Inspection | Promise<Inspection>;
  /** SHA-256 of the state. */
  hash(process: string): string | Promise<string>;
  /** Byte form of the state. */
  memory(process: string): Uint8Array | Promise<Uint8Array>;
  /** Ends a process without keeping its state. */
  drop(process: string): void;
  close(): Promise<void>;
}

export interface LocalHostOptions {
  readonly create: Nursery;
  /** Machines kept alive. */
  readonly liveMachines: number;
  /** Keeps the checkpoint of a process that falls asleep. */
  readonly onSleep: (process: string, checkpoint: Uint8Array) => void;
}

/**
 * Evaluates in this thread. The processes used last are alive, the others sleep: a packed checkpoint
 * of an idle process is some kilobytes, a machine at least 16 MiB.
 */
export function createLocalHost(options: LocalHostOptions): ProcessHost {
  const { create, liveMachines, onSleep } = options;
  const alive = new Map<string, Actor>(); // in the order of their last use

  const sleepOldest = () => {
    const oldest = alive.entries().next();
    if (oldest.done) return;
    const [id, actor] = oldest.value;
    onSleep(id, actor.checkpoint());
    actor.dispose();
    alive.delete(id);
  };
  const actorOf = (process: string): Actor => {
    const actor = alive.get(process);
    invariant(actor, 'the compute unit asks only processes that are awake');
    alive.delete(process);
    alive.set(process, actor);
    return actor;
  };
  return {
    takesTime: false,
    isAwake: (process) => alive.has(process),
    wake(life, saved) {
      if (alive.size >= liveMachines) sleepOldest();
      alive.set(life.id, create(life, saved));
    },
    evaluate: (process, input) => actorOf(process).evaluate(input),
    dryRun: (process, input) => actorOf(process).dryRun(input),
    checkpoint: (process) => actorOf(process).checkpoint(),
    capture(process) {
      const actor = alive.get(process);
      invariant(actor, 'the compute unit asks only processes that are awake');
      return actor.capture(); // which is no use of it
    },
    inspect: (process, path) => actorOf(process).inspect(path),
    hash: (process) => actorOf(process).hash(),
    memory: (process) => actorOf(process).memory(),
    drop(process) {
      alive.get(process)?.dispose();
      alive.delete(process);
    },
    async close() {
      for (const actor of alive.values()) actor.dispose();
      alive.clear();
    },
  };
}
