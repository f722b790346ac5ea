/** A process as a handle: what can be done with it, without naming it again. */

import type { FoundProcess, Network, Process, Receipt } from '../network-api.js';
import { readOwn } from '../read/read.js';

export type ProcessCalls = Pick<Network, 'send' | 'eval' | 'dryRun' | 'read' | 'setState'>;

interface Identity {
  readonly id: string;
  readonly name: string | undefined;
}

export function createProcess(calls: ProcessCalls, process: Identity): FoundProcess;
export function createProcess(calls: ProcessCalls, process: Identity, spawned: Receipt): Process;
export function createProcess(
  calls: ProcessCalls,
  { id, name }: Identity,
  spawned?: Receipt,
): FoundProcess | Process {
  return {
    id,
    name,
    ...(spawned && { spawned }),
    send: (request) => calls.send({ ...request, to: id }),
    eval: (code, from) => calls.eval(id, code, from),
    dryRun: (message) => calls.dryRun(id, message),
    read: readOwn(calls.read, id),
    setState: (path, value) => calls.setState(id, path, value),
  };
}
