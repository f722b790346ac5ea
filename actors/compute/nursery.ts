/**
 * The nursery: brings processes to life, each on the machine that its module is written for.
 */

import type { Device } from '../lua/device.js';
import type { LuaEngine } from '../lua/engine.js';
import { createImage, type MemoryImage } from '../lua/image.js';
import { createWasmActor } from '../wasm/actor.js';
import { createWasmEngine, type WasmEngine } from '../wasm/engine.js';
import type { Drive } from '../wasm/guest.js';
import type { Actor, SavedMemory } from './actor.js';
import type { Life } from './host.js';
import { createLuaActor } from './lua-actor.js';
import type { LuaProgram, WasmProgram } from './modules.js';

/**
 * Brings a process to life in its first state, or in one that was saved.
 * @throws {CHECKPOINT_FOREIGN, CHECKPOINT_INVALID} and what makes a module unfit to run
 */
export type Nursery = (life: Life, checkpoint?: SavedMemory) => Actor;

export interface NurseryOptions {
  /** Called when the first process is to live. */
  readonly engine: () => LuaEngine;
  /** The devices of a process; none without it. */
  readonly devicesOf?: (life: Life) => readonly Device[];
  /** What a process of a WebAssembly module may read of the gateway; nothing without it. */
  readonly driveOf?: (life: Life, program: WasmProgram) => Drive | undefined;
}

export function createNursery({ engine, devicesOf, driveOf }: NurseryOptions): Nursery {
  const images = new Map<string, MemoryImage>(); // each module boots once
  const engines = new Map<string, WasmEngine>();
  const createLua = (life: Life, program: LuaProgram, checkpoint?: SavedMemory) => {
    const { item, files, entry, limits } = program;
    const devices = devicesOf?.(life) ?? [];
    const image = images.get(item.id) ?? createImage(engine(), { files, entry, devices });
    images.set(item.id, image);
    return createLuaActor({ image, environment: life.environment, limits, devices, checkpoint });
  };
  const createWasm = (life: Life, program: WasmProgram, checkpoint?: SavedMemory) => {
    const { item, format, limits } = program;
    const known = engines.get(item.id) ?? createWasmEngine(item.data, format);
    engines.set(item.id, known);
    const drive = driveOf?.(life, program);
    return createWasmActor({
      engine: known,
      environment: life.environment,
      limits,
      drive,
      checkpoint,
    });
  };
  return (life, checkpoint) => {
    const { program } = life;
    if (program.kind === 'wasm') return createWasm(life, program, checkpoint);
    return createLua(life, program, checkpoint);
  };
}
