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
const network: MessagePort = parentPort;
const { devices: specs } = workerData as ThreadData;
const engine = compileLua();
const blobs = new Map<string, Uint8Array | undefined>();
const factories = new Map<string, DeviceFactory>();
for (const { extension, url, options } of specs) {
  const { createDeviceFactory } = (await import(url)) as DeviceModule;
  factories.set(extension, createDeviceFactory({ bytes: fetchBlob }, options));
}

const actors = new Map<string, Actor>();
const images = new Map<string, MemoryImage>();
/** Message being evaluated, for what its devices tell. */
let current: string | undefined;

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

function answer({ question, process, life, input }: Request): Answer {
  const actor = actors.get(process) ?? bringToLife(process, life);
  current = input?.message;
  switch (question) {
    case 'hash':
      return actor.hash();
    case 'memory':
      return encodeCheckpoint(actor.checkpoint());
    default:
      invariant(input, 'an evaluation has an input');
      return actor[question](input);
  }
}

function bringToLife(process: string, life: Life | undefined): Actor {
  invariant(life, 'the first request for a process brings its life');
  const { program, environment } = life;
  const devices = program.extensions.flatMap((extension) => {
    const create = factories.get(extension);
    return create ? [create((event) => tell(process, event))] : [];
  });
  const { id } = program.item;
  const { files, entry, limits } = program;
  const image = images.get(id) ?? createImage(engine, { files, entry, devices });
  images.set(id, image);
  const actor = createActor({ image, environment, limits, devices });
  actors.set(process, actor);
  return actor;
}

function tell(process: string, event: DeviceEvent): void {
  network.postMessage({ kind: 'event', process, message: current, event } satisfies Reply);
}

/** Asks the network for data and sleeps until it is there. */
function fetchBlob(id: string): Uint8Array | undefined {
  if (blobs.has(id)) return blobs.get(id);
  const { port1, port2 } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(4));
  network.postMessage({ kind: 'blob', id, signal, port: port2 } satisfies Reply, [port2]);
  Atomics.wait(signal, 0, 0);
  const received = receiveMessageOnPort(port1)?.message as SharedArrayBuffer | undefined;
  port1.close();
  const bytes = received && new Uint8Array(received);
  blobs.set(id, bytes);
  return bytes;
}
