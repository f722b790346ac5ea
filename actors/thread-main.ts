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
import { type Actor, createActor } from './actor.js';
import { invariant, reportError } from './errors.js';
import type { DeviceEvent } from './events.js';
import type { Life } from './host.js';
import { encodeCheckpoint } from './lua/checkpoint.js';
import { compileLua } from './lua/engine.js';
import { createImage, type MemoryImage } from './lua/image.js';
import type {
  Answer,
  DeviceFactory,
  DeviceModule,
  Reply,
  Request,
  ThreadData,
} from './thread-protocol.js';

invariant(parentPort, 'this module runs in a compute thread');
await hostProcesses(parentPort, workerData as ThreadData);

async function hostProcesses(network: MessagePort, { devices }: ThreadData): Promise<void> {
  const bytes = createFetch(network);
  const factories = new Map<string, DeviceFactory>();
  for (const { extension, url, options } of devices) {
    const { createDeviceFactory } = (await import(url)) as DeviceModule;
    factories.set(extension, createDeviceFactory({ bytes }, options));
  }
  const create = createNursery(network, factories);
  const actors = new Map<string, Tenant>();
  const answer = ({ question, process, life, input }: Request): Answer => {
    const tenant = actors.get(process) ?? create(process, life);
    actors.set(process, tenant);
    tenant.current.message = input?.message;
    if (question === 'hash') return tenant.actor.hash();
    if (question === 'memory') return encodeCheckpoint(tenant.actor.checkpoint());
    invariant(input, 'an evaluation has an input');
    return tenant.actor[question](input);
  };
  network.on('message', (request: Request) => {
    let reply: Reply;
    try {
      reply = { kind: 'done', job: request.job, answer: answer(request) };
    } catch (error) {
      const { code, text } = reportError(error, 'COMPUTE_FAILED');
      reply = { kind: 'failed', job: request.job, code, text };
    }
    network.postMessage(reply);
  });
}

/** A process of this thread, and the message that it is evaluating. */
interface Tenant {
  readonly actor: Actor;
  readonly current: { message: string | undefined };
}

/** Brings processes to life, each with the devices that its module asks for. */
function createNursery(network: MessagePort, factories: ReadonlyMap<string, DeviceFactory>) {
  const engine = compileLua();
  const images = new Map<string, MemoryImage>();
  return (process: string, life: Life | undefined): Tenant => {
    invariant(life, 'the first request for a process brings its life');
    const { environment, program } = life;
    const { item, files, entry, limits, extensions } = program;
    const current: Tenant['current'] = { message: undefined };
    const tell = (event: DeviceEvent) => {
      const { message } = current;
      network.postMessage({ kind: 'event', process, message, event } satisfies Reply);
    };
    const devices = extensions.flatMap((extension) => factories.get(extension)?.(tell) ?? []);
    const image = images.get(item.id) ?? createImage(engine, { files, entry, devices });
    images.set(item.id, image);
    return { actor: createActor({ image, environment, limits, devices }), current };
  };
}

/** Asks the network for data and sleeps until it is there. */
function createFetch(network: MessagePort): (id: string) => Uint8Array | undefined {
  const fetched = new Map<string, Uint8Array>();
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
    fetched.set(id, bytes);
    return bytes;
  };
}
