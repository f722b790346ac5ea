/**
 * What the node serves of a process: `/{id}~process@1.0/...` and `/{id}/...` alike.
 */
import type { Context } from 'hono';
import type { DataItem } from '../../../arlocal/data-item.js';
import { resultToWire } from '../../compute/result.js';
import { ActorError } from '../../errors.js';
import { aoType } from '../../items/protocol.js';
import { incomingItem, storedItem } from '../../items/stored-item.js';
import type { Accepted } from '../../messenger/messenger.js';
import type { ActorNetwork } from '../../network.js';
import type { LogEntry } from '../../ports.js';
import { scheduleIncoming } from '../scheduler.js';
import { answerPart, answerValue, computeDoc, type Doc } from './answers.js';
import { itemDoc } from './items.js';
import type { NodeRequest } from './node-request.js';
import type { PatchReader } from './patches.js';
import { dryRunTags } from './path.js';
import { answerSchedule } from './schedule.js';

const SERVED = 'push, schedule, slot/current, compute, compute=SLOT, now, as=execution/compute';

const LOST_BODY =
  'The request signs a content-digest and has no body, so the message has no data: aoconnect loses ' +
  'the body of httpsig requests. Send data without line breaks, or use signing-format ans104.';

/** Tags of a dry-run's item that are the protocol's own, and not about how to answer. */
const PROTOCOL_TAGS = new Set(['Data-Protocol', 'Type', 'Variant']);

/** @throws {UNKNOWN_PROCESS, MESSAGE_NOT_FOUND, NOT_FOUND, BAD_REQUEST} */
export function serveProcess(network: ActorNetwork, request: NodeRequest, patches: PatchReader) {
  const { c, path } = request;
  const process = path.id;
  switch (path.parts[0]?.key) {
    case undefined:
      return c.json(processDoc(network, process));
    case 'push':
      return push(network, request, process);
    case 'schedule':
      if (c.req.method === 'POST') return schedule(network, request, process);
      return answerSchedule(network, request, process);
    case 'slot':
      return answerPart(c, slotDoc(network, process), path.names.slice(1));
    case 'as':
      return dryRun(network, request, process);
    case 'compute':
    case 'now':
      return compute(network, request, process, patches);
    default:
      return answerPart(c, processDoc(network, process), path.names);
  }
}

async function compute(
  network: ActorNetwork,
  request: NodeRequest,
  process: string,
  patches: PatchReader,
) {
  const { c, path } = request;
  const [operation, first, ...rest] = path.parts;
  const named = first?.key === 'results' ? first.value : undefined;
  const wanted =
    operation?.key === 'now' ? undefined : (named ?? operation?.value ?? request.param('slot'));
  const slot =
    wanted === undefined ? lastSlot(network, process) : findSlot(network, process, wanted);
  const raw = await resultAt(network, process, slot);
  if (named !== undefined && rest.length === 0) return c.json({ process, slot, raw });
  const doc = computeDoc(process, slot, raw);
  const keys = path.names.slice(1);
  const [key] = keys;
  if (key !== undefined && Object.hasOwn(doc, key)) return answerPart(c, doc, keys);
  const value = await patches.read(process, slot, keys);
  if (key === undefined) return c.json({ ...(value as Doc), ...doc });
  return value === undefined ? answerPart(c, doc, keys) : answerValue(c, value);
}

async function dryRun(network: ActorNetwork, request: NodeRequest, process: string) {
  const { c } = request;
  const sender = request.readSender();
  const tags = dryRunTags(request.target);
  if (!tags) throw notServed(c);
  const protocol = sender?.tags.filter(({ name }) => PROTOCOL_TAGS.has(name)) ?? [];
  const result = await network.dryRun(process, {
    Tags: [...tags, ...protocol],
    Data: sender ? Buffer.from(sender.data).toString('utf8') : '',
    ...(sender ? { Id: sender.id, Owner: sender.address, Anchor: sender.anchor } : {}),
  });
  return c.json({ process, raw: resultToWire(result) });
}

async function push(network: ActorNetwork, request: NodeRequest, process: string) {
  const { c, path } = request;
  if (c.req.method !== 'POST') throw notServed(c);
  const slot = path.params.get('slot');
  if (slot !== undefined) {
    const { nonce } = entryAt(network, process, findSlot(network, process, slot));
    return answerPush(network, request, network.units.messenger.push(process, nonce));
  }
  const incoming = request.requireSender();
  checkTarget(incomingItem(incoming), process);
  return answerPush(network, request, network.units.messenger.accept(incoming));
}

/**
 * Answers a message or process that was taken: at once with `push-mode: async`, else when nothing of it
 * moves by itself. One that waits to be scheduled has no slot yet.
 */
export async function answerPush(network: ActorNetwork, request: NodeRequest, accepted: Accepted) {
  const { id, process, nonce, cascade } = accepted;
  if (process === undefined) return request.c.json({ id });
  if (nonce === undefined) return request.c.json({ id, process }, 202);
  const entry = entryAt(network, process, nonce);
  const isSpawn = cascade.root.kind === 'spawn';
  if (isSpawn || pushMode(network, request, id) === 'async') {
    return answerEntry(request, process, entry);
  }
  await network.units.crank.rest(cascade);
  return answerEntry(request, process, entry, { raw: await resultAt(network, process, nonce) });
}

/** From the request, or a tag of the message: aoconnect puts all fields of an item into its tags. */
function pushMode({ gateway }: ActorNetwork, request: NodeRequest, id: string) {
  const tags = storedItem(gateway, id)?.tags ?? [];
  const tag = tags.find(({ name }) => name.toLowerCase() === 'push-mode');
  return request.param('push-mode') ?? tag?.value;
}

/** Schedules without evaluating, as a scheduler alone does. */
function schedule(network: ActorNetwork, request: NodeRequest, process: string) {
  const incoming = request.requireSender();
  checkTarget(incomingItem(incoming), process);
  return answerEntry(request, process, scheduleIncoming(network, incoming));
}

export function answerEntry(
  { c, hasLostBody }: NodeRequest,
  process: string,
  entry: LogEntry,
  more: Doc = {},
) {
  const { nonce: slot, messageId: id, timestampMs: timestamp } = entry;
  const doc = {
    process,
    slot,
    id,
    timestamp,
    'block-height': entry.blockHeight,
    'hash-chain': entry.hashChain,
    ...more,
    ...(hasLostBody ? { warning: LOST_BODY } : {}),
  };
  return c.json(doc, 200, { process, slot: String(slot), id, timestamp: String(timestamp) });
}

function processDoc(network: ActorNetwork, process: string): Doc {
  const { item } = network.units.scheduler.requireProcess(process);
  return { device: 'process@1.0', ...itemDoc(network, item, process) };
}

export function slotDoc(network: ActorNetwork, process: string): Doc {
  return {
    process,
    current: lastSlot(network, process),
    timestamp: network.clock.now,
    'block-height': network.gateway.height,
    'wallet-address': network.addresses.messenger,
  };
}

function lastSlot({ units }: ActorNetwork, process: string): number {
  return units.log.next(process) - 1;
}

/** @param wanted a slot, or the id of a message @throws {MESSAGE_NOT_FOUND} */
function findSlot({ units }: ActorNetwork, process: string, wanted: string): number {
  const slot = /^\d{1,15}$/.test(wanted) ? Number(wanted) : units.log.find(process, wanted);
  if (slot !== undefined && units.log.at(process, slot)) return slot;
  throw new ActorError('MESSAGE_NOT_FOUND', `process ${process} has no slot or message ${wanted}`, {
    hint: 'Give a slot up to that of slot/current, or the id of a message of this process.',
    details: { process, slot: wanted },
  });
}

function entryAt({ units }: ActorNetwork, process: string, slot: number): LogEntry {
  const entry = units.log.at(process, slot);
  if (entry) return entry;
  throw new ActorError('MESSAGE_NOT_FOUND', `process ${process} has no slot ${slot}`, {
    hint: 'Give a slot up to that of slot/current.',
    details: { process, slot },
  });
}

async function resultAt(network: ActorNetwork, process: string, slot: number): Promise<Doc> {
  const { messageId } = entryAt(network, process, slot);
  return resultToWire(await network.result(process, messageId));
}

/** @throws {BAD_REQUEST} */
function checkTarget(item: DataItem, process: string): void {
  const isProcess = aoType(item) === 'Process';
  if (!isProcess && item.target === process) return;
  const what = isProcess ? 'a process' : `for "${item.target}"`;
  throw new ActorError('BAD_REQUEST', `the message is ${what}, the path is for ${process}`, {
    hint: 'Sign a message whose target is the process of the path; spawn with POST /push.',
    details: { target: item.target, process },
  });
}

export function notServed(c: Context): ActorError {
  return new ActorError('NOT_FOUND', `${c.req.method} ${c.req.path} is not served`, {
    hint: `Of a process this node serves ${SERVED}; of itself ~meta@1.0/info and ~scheduler@1.0.`,
  });
}
