/**
 * A node in the shape of HyperBEAM: what aoconnect's mainnet mode, aos and explorers ask of one, over
 * the same network that the units serve. A slot is a nonce; processes are the same in both worlds.
 *
 * @divergence HyperBEAM resolves any path over any device; here are the paths that clients use, and
 *   everything else answers an error that says so.
 */
import type { Hono } from 'hono';
import { isId } from '../../../arlocal/encoding.js';
import { ActorError } from '../../errors.js';
import { incomingItem, storedItem } from '../../items/stored-item.js';
import { fetchForItem } from '../../messenger/missing.js';
import type { ActorNetwork } from '../../network.js';
import { prepareApp } from '../errors.js';
import { scheduleIncoming } from '../scheduler.js';
import { answerPart } from './answers.js';
import { itemDoc } from './items.js';
import { type NodeRequest, readRequest } from './node-request.js';
import { createPatchReader, type PatchReader } from './patches.js';
import { answerEntry, answerPush, notServed, serveProcess, slotDoc } from './process-routes.js';
import { answerSchedule } from './schedule.js';

export interface NodeOptions {
  /** What `~meta@1.0/info` tells beside the node's address. */
  readonly info?: Readonly<Record<string, unknown>>;
}

export function createNodeApp(network: ActorNetwork, { info = {} }: NodeOptions = {}): Hono {
  const app = prepareApp(network.gateway, network.limits.messageBytes);
  const patches = createPatchReader(network);
  app.on(['GET', 'POST'], '*', async (c) => {
    const request = await readRequest(network, c);
    if (!request.isWrite) request.readSender(); // a wrong signature is refused everywhere
    return serve(network, request, info, patches);
  });
  return app;
}

function serve(
  network: ActorNetwork,
  request: NodeRequest,
  info: NodeOptions['info'],
  patches: PatchReader,
) {
  const { id, device } = request.path;
  const isProcess = id !== '' && network.units.scheduler.process(id) !== undefined;
  if (isProcess) return serveProcess(network, request, patches);
  if (id !== '') return serveItem(network, request);
  if (device === 'meta@1.0') return serveMeta(network, request, info);
  if (device === 'scheduler@1.0') return serveScheduler(network, request);
  if (device === 'cache@1.0') return serveCache(network, request);
  return serveSelf(network, request, info);
}

/** `/push` and `/schedule` without a process: the item says where it goes. */
function serveSelf(network: ActorNetwork, request: NodeRequest, info: NodeOptions['info']) {
  const { c, path } = request;
  const operation = path.parts[0]?.key;
  if (operation === undefined) return serveMeta(network, request, info);
  if (c.req.method === 'POST' && operation === 'push') return pushItem(network, request);
  if (operation === 'schedule') return serveScheduler(network, request);
  throw notServed(c);
}

/** A message for its target or, more often, a new process. */
async function pushItem(network: ActorNetwork, request: NodeRequest) {
  const incoming = request.requireSender();
  await fetchForItem(network.gateway, incomingItem(incoming));
  return answerPush(network, request, network.units.messenger.accept(incoming));
}

/** What the node says of itself; its address is what processes must trust. */
function serveMeta(network: ActorNetwork, { c, path }: NodeRequest, info: NodeOptions['info']) {
  const { messenger: address, scheduler } = network.addresses;
  const doc = { address, scheduler, ...info };
  return answerPart(c, { ...doc, info: doc }, path.names.length === 0 ? ['info'] : path.names);
}

function serveScheduler(network: ActorNetwork, request: NodeRequest) {
  const { c, path } = request;
  const { scheduler } = network.units;
  const key = path.parts[0]?.key ?? 'status';
  if (key === 'status') {
    return c.json({ address: network.addresses.messenger, processes: [...scheduler.processes()] });
  }
  if (key === 'schedule' && c.req.method === 'POST') return schedule(network, request);
  if (key !== 'schedule' && key !== 'slot') throw notServed(c);
  const target = request.param('target');
  if (target === undefined) throw noTarget();
  const { id } = scheduler.requireProcess(target);
  if (key === 'schedule') return answerSchedule(network, request, id);
  return answerPart(c, slotDoc(network, id), path.names.slice(1));
}

function noTarget(): ActorError {
  return new ActorError('BAD_REQUEST', 'the request names no process', {
    hint: 'Add ?target=PROCESS, or ask at /PROCESS/...',
  });
}

/** Schedules a message or a new process without having it evaluated. */
function schedule(network: ActorNetwork, request: NodeRequest) {
  const incoming = request.requireSender();
  const { id, target } = incomingItem(incoming);
  const entry = scheduleIncoming(network, incoming);
  return answerEntry(request, entry.nonce === 0 ? id : target, entry);
}

function serveCache(network: ActorNetwork, request: NodeRequest) {
  const [operation] = request.path.parts;
  const id = operation?.value ?? request.param('target') ?? request.param('read') ?? '';
  if (operation?.key !== 'read') throw notServed(request.c);
  return answerItem(network, request, id, []);
}

function serveItem(network: ActorNetwork, request: NodeRequest) {
  const { path } = request;
  if (path.device !== undefined || request.c.req.method === 'POST') {
    network.units.scheduler.requireProcess(path.id);
  }
  return answerItem(network, request, path.id, path.names);
}

/** @throws {MESSAGE_NOT_FOUND, NOT_FOUND} */
function answerItem(
  network: ActorNetwork,
  request: NodeRequest,
  id: string,
  keys: readonly string[],
) {
  const item = isId(id) ? storedItem(network.gateway, id) : undefined;
  if (item) return answerPart(request.c, itemDoc(network, item, id), keys);
  throw new ActorError('MESSAGE_NOT_FOUND', `there is neither a process nor a message "${id}"`, {
    hint: 'Ask for an id that this network has answered.',
    details: { id },
  });
}
