/** The kernel of `processes/` as a module, and a network to try things on. */
import { readFileSync } from 'node:fs';
import type { ModuleSource } from '../../actors/compute/modules.js';
import { createNetwork, type NetworkOptions } from '../../actors/network.js';

const folder = new URL('../../processes/kernel/', import.meta.url);

export function kernelModule(): ModuleSource {
  const manifest = JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')) as {
    entry: string;
    modules: { name: string; file: string }[];
  };
  const files = manifest.modules.map(({ name, file }) => ({
    name,
    source: readFileSync(new URL(file, folder), 'utf8'),
  }));
  return { entry: manifest.entry, files };
}

export async function startNetwork(options: NetworkOptions = {}) {
  const network = await createNetwork(options);
  const module = network.publishModule(kernelModule());
  const alice = network.wallet('alice');
  const spawn = (code = '', tags: Record<string, string> = {}) =>
    network
      .spawn({ from: alice, module, tags: { Name: 'test', ...tags } })
      .then(async (process) => {
        if (code !== '') await process.eval(code);
        return process;
      });
  return { network, module, alice, spawn };
}

/** What a receipt's evaluation printed or returned. */
export function printed(receipt: { result?: { output: unknown } | undefined }): unknown {
  return (receipt.result?.output as { data?: unknown } | undefined)?.data;
}
