/**
 * Joins the engine to the network: makes the device behind `require("llama")` inside a compute
 * thread. A thread loads this module once, so its models are open once, whichever process asks.
 */
import type { DeviceFactory, DeviceThread } from '../actors/compute/thread-protocol.js';
import { createLlamaDevice, createModelCache, type OpenModel } from '../llama/device.js';
import type { Model } from '../llama/model.js';
import { readConstants } from '../opml/claim.js';
import type { FaultSpec } from '../opml/faults.js';
import { createLiar } from '../opml/liar.js';
import { createNotary } from '../opml/notary.js';

export interface LlamaDeviceSettings {
  /** Source of the device's Lua side, processes/llama/llama.lua. */
  readonly lua: string;
  /** A fault in every answer, to show and to test disputes: nothing else may use it. */
  readonly fault?: FaultSpec;
}

/** Called once in each thread: the models that its devices open are open once. */
export function createDeviceFactory({ bytes }: DeviceThread, options: unknown): DeviceFactory {
  const { lua, fault } = options as LlamaDeviceSettings;
  const openHonest = createModelCache(bytes, { createNotary });
  const openModel = fault === undefined ? openHonest : corruptModels(openHonest, fault);
  return (emit) =>
    createLlamaDevice({
      openModel,
      lua,
      onToken: ({ text, count }) => emit({ type: 'token', text, index: count }),
    });
}

/** Models whose every answer has the fault, and is claimed all the same. */
function corruptModels(open: OpenModel, fault: FaultSpec): OpenModel {
  const models = new Map<string, Model>();
  return (id) => {
    const known = models.get(id);
    if (known !== undefined) return known;
    const honest = open(id);
    const constants = readConstants(honest.program);
    const program = createLiar(honest.program, fault);
    const model = { ...honest, program, notary: createNotary(program, constants) };
    models.set(id, model);
    return model;
  };
}
