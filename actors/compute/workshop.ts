/**
 * The workshop: what brings processes to life and is the same for all of a module, made when it is
 * first asked for. A network and its forks share one, with the instances of machines that are no more.
 */
import { type Device, describeDevice } from '../lua/device.js';
import { compileLua, type LuaEngine } from '../lua/engine.js';
import { createImage, type MemoryImage } from '../lua/image.js';
import type { LineHook } from '../lua/line-hook.js';
import { once } from '../once.js';
import { createWasmEngine, type WasmEngine } from '../wasm/engine.js';
import type { LuaProgram, WasmProgram } from './modules.js';

export interface Workshop {
  readonly engine: () => LuaEngine;
  /**
   * The memory that each process of a module begins with; the module boots once.
   * @param watch told of the lines of that boot, if this is it
   */
  imageOf(program: LuaProgram, devices: readonly Device[], watch?: LineHook): MemoryImage;
  wasmOf(program: WasmProgram): WasmEngine;
}

export function createWorkshop(): Workshop {
  const engine = once(compileLua);
  const images = new Map<string, MemoryImage>();
  const wasms = new Map<string, WasmEngine>();
  return {
    engine,
    imageOf({ item, files, entry }, devices, watch) {
      const key = [item.id, ...devices.map(describeDevice)].join(' ');
      const image = images.get(key) ?? createImage(engine(), { files, entry, devices, watch });
      images.set(key, image);
      return image;
    },
    wasmOf({ item, format }) {
      const key = `${item.id} ${format.name}`;
      const wasm = wasms.get(key) ?? createWasmEngine(item.data, format);
      wasms.set(key, wasm);
      return wasm;
    },
  };
}
