/**
 * The entry of a compute thread: hosts the processes that are pinned to it, one evaluation at a time.
 * Devices are made here, one per process; big data comes as shared memory, fetched while it waits.
 */
import {
  MessageChannel,
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  workerData,
} from 'node:worker_threads';
import { invariant, reportError } from '../errors.js';
import type { DeviceEvent } from '../events.js';
import { createLineCounter } from '../lua/line-hits.js';
import { createRecent } from '../recent.js';
import { RECENT_BLOBS } from '../shared-blobs.js';
import type { Actor } from './actor.js';
import { createNursery } from './nursery.js';
import type {
  Answer,
  DeviceFactory,
  DeviceModule,
  Reply,
  Request,
  ThreadData,
} from './thread-protocol.js';
import { createWorkshop } from './workshop.js';

invariant(parentPort, 'this module runs in a compute thread');
await hostProcesses(parentPort, workerData as ThreadData);

async function hostProcesses(network: MessagePort, data: ThreadData): Promise<void> {
  const { devices, isWatched } = data;
  const bytes = createFetch(network);
  const factories = new Map<string, DeviceFactory>();
  for (const { extension, url, options } of devices) {
    const { createDeviceFactory } = (await import(url)) as DeviceModule;
    factories.set(extension, createDeviceFactory({ bytes }, options));
  }
  const actors = new Map<string, Actor>();
  let message: string | undefined; // the one being evaluated
  const lines = isWatched ? createLineCounter() : undefined;
  const create = createNursery({
    workshop: createWorkshop(),
    watch: lines?.hook,
    devicesOf: ({ id: process, program }) =>
      program.extensions.flatMap((extension) => {
        const tell = (event: DeviceEvent) =>
          network.postMessage({ kind: 'event', process, message, event } satisfies Reply);
        return factories.get(extension)?.(tell) ?? [];
      }),
  });
  const answer = ({ question, process, life, checkpoint, input, path }: Request): Answer => {
    message = input?.message;
    if (question === 'wake') {
      invariant(life, 'to wake a process takes its life');
      actors.set(process, create(life, checkpoint));
      return undefined;
    }
    const actor = actors.get(process);
    if (question === 'drop') {
      actor?.dispose();
      actors.delete(process);
      return undefined;
    }
    invariant(actor, 'the host asks only processes that are awake');
    if (question === 'evaluate' || question === 'dryRun') {
      invariant(input, 'an evaluation has an input');
      return actor[question](input);
    }
    if (question === 'inspect') return actor.inspect(path ?? []);
    return actor[question]();
  };
  network.on('message', (request: Request) => {
    let reply: Reply;
    try {
      reply = { kind: 'done', job: request.job, answer: answer(request) };
    } catch (error) {
      const { code, text } = reportError(error, 'COMPUTE_FAILED');
      reply = { kind: 'failed', job: request.job, code, text };
    }
    if (lines) network.postMessage({ kind: 'lines', hits: lines.take() } satisfies Reply);
    network.postMessage(reply);
  });
}

/** Asks the network for data and sleeps until it is there. */
function createFetch(network: MessagePort): (id: string) => Uint8Array | undefined {
  const fetched = createRecent<Uint8Array>(RECENT_BLOBS);
  return (id) => {
    const known = fetched.get(id);
    if (known) return known;
    const { port1, port2 } = new MessageChannel();
    const signal = new Int32Array(new SharedArrayBuffer(4));
    network.postMessage({ kind: 'blob', id, signal, port: port2 } satisfies Reply, [port2]);
    Atomics.wait(signal, 0, 0);
    const memory = receiveMessageOnPort(port1)?.message as SharedArrayBuffer | undefined;
    port1.close();
    if (!memory) return undefined;
    const bytes = new Uint8Array(memory);
    fetched.set(id, bytes, bytes.length);
    return bytes;
  };
}
