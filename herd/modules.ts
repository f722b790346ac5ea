/**
 * The modules that processes run: our kernel, with and without the llama device.
 */
import { compiledUrl } from '../actors/compiled.js';
import type { ActorNetwork } from '../actors/network.js';
import type { DeviceSpec } from '../actors/thread-protocol.js';
import type { FaultSpec } from '../opml/faults.js';
import type { LlamaDeviceSettings } from './llama-device.js';
import { readPackageText } from './package-root.js';

/** Extension tag of the module whose processes may `require("llama")`. */
const LLAMA_EXTENSION = 'Llama';

const settings: LlamaDeviceSettings = { lua: readPackageText('processes/llama/llama.lua') };

/** The device that those processes get; to be given to the network when it is made. */
export const llamaDevice: DeviceSpec = {
  extension: LLAMA_EXTENSION,
  url: compiledUrl('herd/llama-device.js').href,
  options: settings,
};

/** The device of workers that lie, to show and to test disputes. */
export function faultyLlamaDevice(fault: FaultSpec): DeviceSpec {
  return { ...llamaDevice, options: { ...settings, fault } };
}

export interface Modules {
  /** Module of ordinary processes. */
  readonly module: string;
  /** The same with `require("llama")`; its processes run on compute threads. */
  readonly llamaModule: string;
}

interface Manifest {
  readonly entry: string;
  readonly modules: readonly { readonly name: string; readonly file: string }[];
}

/** Publishes both; publishing them again changes nothing. */
export function publishModules(network: ActorNetwork): Modules {
  const { entry, modules } = JSON.parse(
    readPackageText('processes/kernel/manifest.json'),
  ) as Manifest;
  const kernel = modules.map(({ name, file }) => ({
    name,
    source: readPackageText(`processes/kernel/${file}`),
  }));
  return {
    module: network.publishModule({ entry, files: kernel }, { Name: 'corral-aos' }),
    llamaModule: network.publishModule(
      { entry, files: kernel },
      { Name: 'corral-llama', Extension: LLAMA_EXTENSION },
    ),
  };
}
