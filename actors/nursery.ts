/**
 * The nursery: brings processes to life, each on the machine that its module is written for.
 */
import type { Actor } from './actor.js';
import type { Life } from './host.js';
import type { Device } from './lua/device.js';
import type { LuaEngine } from './lua/engine.js';
import { createImage, type MemoryImage } from './lua/image.js';
import { createLuaActor } from './lua-actor.js';

/**
 * Brings a process to life in its first state, or in that of a checkpoint.
 * @throws {CHECKPOINT_FOREIGN, CHECKPOINT_INVALID} and what makes a module unfit to run
 */
export type Nursery = (life: Life, checkpoint?: Uint8Array) => Actor;

export interface NurseryOptions {
  /** Called when the first process is to live. */
  readonly engine: () => LuaEngine;
  /** The devices of a process; none without it. */
  readonly devicesOf?: (life: Life) => readonly Device[];
}

export function createNursery({ engine, devicesOf = () => [] }: NurseryOptions): Nursery {
  const images = new Map<string, MemoryImage>(); // each module boots once
  return (life, checkpoint) => {
    const { environment, program } = life;
    const { item, files, entry, limits } = program;
    const devices = devicesOf(life);
    const image = images.get(item.id) ?? createImage(engine(), { files, entry, devices });
    images.set(item.id, image);
    return createLuaActor({ image, environment, limits, devices, checkpoint });
  };
}
