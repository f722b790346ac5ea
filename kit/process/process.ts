/** A process as a handle: what can be done with it, without naming it again. */
import type { FoundProcess, Network, Process, Receipt } from '../network-api.js';
import { readOwn } from '../read/read.js';

interface Identity {
  readonly id: string;
  readonly name: string | undefined;
}

export function findProcess(network: Network, { id, name }: Identity): FoundProcess {
  const handle: FoundProcess = {
    id,
    name,
    send: (request) => network.send({ ...request, to: id }),
    eval: (code, from) => network.eval(id, code, from),
    dryRun: (message) => network.dryRun(id, message),
    read: readOwn(network.read, id),
    setState: (path, value) => network.setState(id, path, value),
  };
  return markNetwork(handle, network);
}

export function createProcess(network: Network, process: Identity, spawned: Receipt): Process {
  return Object.assign(findProcess(network, process), { spawned });
}

/** Says which network to ask about a thing, to matchers and fixtures; nothing that is printed. */
export function markNetwork<Thing extends object>(thing: Thing, network: Network): Thing {
  return Object.defineProperty(thing, 'network', { value: network });
}
