/**
 * Joins the engine to the network: makes the device behind `require("llama")` inside a compute
 * thread. A thread loads this module once, so its models are open once, whichever process asks.
 */
import type { DeviceFactory, DeviceThread } from '../actors/thread-protocol.js';
import { createLlamaDevice, createModelCache } from '../llama/device.js';
import { createNotary } from '../opml/notary.js';

export interface LlamaDeviceSettings {
  /** Source of the device's Lua side, processes/llama/llama.lua. */
  readonly lua: string;
}

/** Called once in each thread: the models that its devices open are open once. */
export function createDeviceFactory({ bytes }: DeviceThread, options: unknown): DeviceFactory {
  const { lua } = options as LlamaDeviceSettings;
  const openModel = createModelCache(bytes, { createNotary });
  return (emit) =>
    createLlamaDevice({
      openModel,
      lua,
      onToken: ({ text, count }) => emit({ type: 'token', text, index: count }),
    });
}
