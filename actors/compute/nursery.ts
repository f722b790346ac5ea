/**
 * The nursery: brings processes to life, each on the machine that its module is written for.
 */

import type { Device } from '../lua/device.js';
import type { LineHook } from '../lua/line-hook.js';
import { createWasmActor } from '../wasm/actor.js';
import type { Drive } from '../wasm/guest.js';
import type { Actor, SavedMemory } from './actor.js';
import type { Life } from './host.js';
import { createLuaActor } from './lua-actor.js';
import type { WasmProgram } from './modules.js';
import type { Workshop } from './workshop.js';

/**
 * Brings a process to life in its first state, or in one that was saved.
 * @throws {CHECKPOINT_FOREIGN, CHECKPOINT_INVALID} and what makes a module unfit to run
 */
export type Nursery = (life: Life, checkpoint?: SavedMemory) => Actor;

export interface NurseryOptions {
  readonly workshop: Workshop;
  /** The devices of a process; none without it. */
  readonly devicesOf?: (life: Life) => readonly Device[];
  /** What a process of a WebAssembly module may read of the gateway; nothing without it. */
  readonly driveOf?: (life: Life, program: WasmProgram) => Drive | undefined;
  /** Told of each line of Lua. */
  readonly watch?: LineHook | undefined;
}

export function createNursery({ workshop, devicesOf, driveOf, watch }: NurseryOptions): Nursery {
  return (life, checkpoint) => {
    const { program, environment } = life;
    const { limits } = program;
    if (program.kind === 'wasm') {
      const engine = workshop.wasmOf(program);
      const drive = driveOf?.(life, program);
      return createWasmActor({ engine, environment, limits, drive, checkpoint });
    }
    const devices = devicesOf?.(life) ?? [];
    const image = workshop.imageOf(program, devices, watch);
    return createLuaActor({ image, environment, limits, devices, checkpoint, watch });
  };
}
