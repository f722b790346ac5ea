/**
 * The modules that processes run: our kernel, with and without the llama device.
 */
import { compiledUrl } from '../actors/compiled.js';
import type { ModuleSource } from '../actors/compute/modules.js';
import type { DeviceSpec } from '../actors/compute/thread-protocol.js';
import type { ActorNetwork } from '../actors/network.js';
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

/**
 * Ids that clients have hard-coded: here the kernel answers at them. The modules of AO that carry
 * SQLite are not among them, because the kernel has no `require("lsqlite3")`.
 */
export const PINNED_MODULES: readonly { name: string; id: string; llama?: boolean }[] = [
  { name: 'aos-2.0.1', id: 'Do_Uc2Sju_ffp6Ev0AnLVdPtot15rvMjP-a9VVaA5fM' },
  { name: 'aos-2.0.3', id: 'JArYBF-D8q2OmZ4Mok00sD2Y_6SYEQ7Hjx-6VZ_jl3g' },
  { name: 'aos', id: 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s' },
  { name: 'aos-llama', id: 'QkFLfRXw8MOeHMNoHK0tyno17wbSxCecATohFMaULKM', llama: true },
];

/** The kernel as a module: its Lua files under the names by which they are required. */
export function readKernel(): ModuleSource {
  const { entry, modules } = JSON.parse(
    readPackageText('processes/kernel/manifest.json'),
  ) as Manifest;
  const files = modules.map(({ name, file }) => ({
    name,
    source: readPackageText(`processes/kernel/${file}`),
  }));
  return { entry, files };
}

/** Publishes them, at their own ids and at those that are hard-coded; again, it changes nothing. */
export function publishModules(network: ActorNetwork): Modules {
  const kernel = readKernel();
  const publish = (name: string, llama: boolean, id?: string) => {
    const tags = llama ? { Name: name, Extension: LLAMA_EXTENSION } : { Name: name };
    return network.publishModule(kernel, tags, id);
  };
  for (const { name, id, llama = false } of PINNED_MODULES) publish(name, llama, id);
  return { module: publish('corral-aos', false), llamaModule: publish('corral-llama', true) };
}
