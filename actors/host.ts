/**
 * Where processes live. A host evaluates messages for the compute unit: the local one in this
 * thread, at once; the threaded one on compute threads, later. The compute unit sees one port.
 */
import type { Input } from './actor.js';
import { type Actor, createActor } from './actor.js';
import { decodeCheckpoint, encodeCheckpoint } from './lua/checkpoint.js';
import type { LuaEngine } from './lua/engine.js';
import { createImage, type MemoryImage } from './lua/image.js';
import type { Program } from './modules.js';
import type { Blobs } from './ports.js';
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
  /** Evaluates in the order of the calls. Throws or rejects only if the process cannot live. */
  evaluate(life: Life, input: HostInput): EvaluationResult | Promise<EvaluationResult>;
  /** Evaluates after all that came before, and changes nothing. */
  dryRun(life: Life, input: HostInput): EvaluationResult | Promise<EvaluationResult>;
  /** SHA-256 of the state. */
  hash(life: Life): string | Promise<string>;
  /** Byte form of the state. */
  memory(life: Life): Uint8Array | Promise<Uint8Array>;
  /** True if the state of the process ended with its thread, until it is evaluated again. */
  isLost(process: string): boolean;
  close(): Promise<void>;
}

export interface LocalHostOptions {
  readonly engine: LuaEngine;
  readonly blobs: Blobs;
  /** Machines kept alive; the others wait as checkpoints. */
  readonly liveMachines: number;
}

/**
 * Evaluates in this thread. The processes used last are alive, the others hibernate: a sparse
 * checkpoint of an idle process is a few hundred kilobytes, a machine at least 16 MiB.
 */
export function createLocalHost({ engine, blobs, liveMachines }: LocalHostOptions): ProcessHost {
  const alive = new Map<string, Actor>(); // in the order of their last use
  const asleep = new Map<string, string>(); // process -> name of its checkpoint
  const images = createImages(engine);

  const hibernateOldest = () => {
    const oldest = alive.entries().next();
    if (oldest.done) return;
    const [id, actor] = oldest.value;
    asleep.set(id, blobs.put(encodeCheckpoint(actor.checkpoint())));
    actor.dispose();
    alive.delete(id);
  };
  const wake = (life: Life): Actor => {
    const name = asleep.get(life.id);
    const bytes = name === undefined ? undefined : blobs.get(name);
    const actor = createActor({
      image: images(life.program),
      environment: life.environment,
      limits: life.program.limits,
      ...(bytes && { checkpoint: decodeCheckpoint(bytes) }),
    });
    if (name !== undefined) blobs.drop(name);
    asleep.delete(life.id);
    return actor;
  };
  const actorOf = (life: Life): Actor => {
    const known = alive.get(life.id);
    if (known) alive.delete(life.id);
    else if (alive.size >= liveMachines) hibernateOldest();
    const actor = known ?? wake(life);
    alive.set(life.id, actor);
    return actor;
  };
  return {
    takesTime: false,
    evaluate: (life, input) => actorOf(life).evaluate(input),
    dryRun: (life, input) => actorOf(life).dryRun(input),
    hash: (life) => actorOf(life).hash(),
    memory: (life) => encodeCheckpoint(actorOf(life).checkpoint()),
    isLost: () => false,
    async close() {
      for (const actor of alive.values()) actor.dispose();
      alive.clear();
    },
  };
}

/** Boots each module once. */
function createImages(engine: LuaEngine): (program: Program) => MemoryImage {
  const images = new Map<string, MemoryImage>();
  return (program) => {
    const known = images.get(program.item.id);
    const image = known ?? createImage(engine, { files: program.files, entry: program.entry });
    images.set(program.item.id, image);
    return image;
  };
}
