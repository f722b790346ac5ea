/**
 * The scheduler unit over HTTP: the log of a process, page by page, in the JSON shapes of AO's own.
 */
import type { Context, Hono } from 'hono';
import type { DataItem } from '../../arlocal/data-item.js';
import type { Gateway } from '../../arlocal/gateway.js';
import { dataText } from '../compute/message-json.js';
import { ActorError, notAo } from '../errors.js';
import { aoType } from '../items/protocol.js';
import { type Incoming, incomingItem, storedItem } from '../items/stored-item.js';
import type { ActorNetwork } from '../network.js';
import type { LogEntry } from '../ports.js';
import { formatHeight } from '../scheduler/scheduler.js';
import { findPlace } from '../sequence.js';
import { readAssignment } from './assignment.js';
import { numberQuery, prepareApp } from './errors.js';
import { readBody } from './messenger.js';

const PAGE_DEFAULT = 100;
const PAGE_MAX = 1000;
/** Bytes of data after which a page ends. */
const PAGE_BYTES = 16 * 1024 * 1024;
/** Bytes and messages of a page that cannot be cut, because they are of one moment. */
const PAGE_BYTES_MAX = 4 * PAGE_BYTES;
const PAGE_TIED_MAX = 10 * PAGE_MAX;

export function createSchedulerApp(network: ActorNetwork): Hono {
  const { gateway, limits, units, clock } = network;
  const { scheduler, log } = units;
  const app = prepareApp(gateway, limits.messageBytes);
  const head = () => ({ timestamp: String(clock.now), address: scheduler.address });

  // With a process it is AO's router that is asked, which refuses those it does not know.
  app.get('/', (c) => {
    const process = c.req.query('process-id');
    if (process) scheduler.requireProcess(process);
    return c.json(head());
  });
  app.get('/health', (c) => c.json(head()));
  app.get('/timestamp', (c) =>
    c.json({ timestamp: String(clock.now), block_height: formatHeight(gateway.height) }),
  );

  app.post('/', async (c) => {
    const assignment = readAssignment(c);
    if (assignment) {
      const { process, message, options } = assignment;
      const { timestampMs, assignmentId } = scheduler.assign(process, message, options);
      return c.json({ timestamp: timestampMs, id: assignmentId });
    }
    const bytes = await readBody(c.req.raw);
    const item = gateway.readItem(bytes, { maxBytes: limits.messageBytes });
    const { timestampMs, messageId } = scheduleIncoming(network, item);
    return c.json({ timestamp: timestampMs, id: messageId });
  });

  app.get('/processes/:process', (c) => {
    const { id, item } = scheduler.requireProcess(c.req.param('process'));
    const first = log.at(id, 0);
    return c.json({
      process_id: id,
      block: String(first?.blockHeight ?? 0),
      timestamp: first?.timestampMs ?? 0,
      ...itemToWire(item, id),
    });
  });

  app.get('/:process/latest', (c) => {
    const { id } = scheduler.requireProcess(c.req.param('process'));
    return c.json(entryToWire(gateway, log.at(id, log.next(id) - 1), id));
  });

  app.get('/:id', (c) => {
    const id = c.req.param('id');
    const process = c.req.query('process-id') ?? id;
    const { id: known } = scheduler.requireProcess(process);
    if (id === known) return c.json(readPage(network, known, c));
    return c.json(entryToWire(gateway, scheduler.find(known, id), id));
  });

  return app;
}

/** Schedules a message or process without having it evaluated, as this unit alone does. */
export function scheduleIncoming({ units }: ActorNetwork, incoming: Incoming): LogEntry {
  const { scheduler, log } = units;
  const item = incomingItem(incoming);
  const type = aoType(item);
  if (type === 'Message') return scheduler.schedule(incoming);
  if (type !== 'Process') throw notAo(item.id, type);
  const { id } = scheduler.start(incoming);
  return log.at(id, 0) ?? notFound(id);
}

/**
 * A page of a log. `from` is left out, `to` is included; both are timestamps, or nonces as
 * `from-nonce` and `to-nonce`. Messages of one moment are never split between pages, because the
 * cursor of a page by time is the moment.
 */
function readPage(network: ActorNetwork, process: string, c: Context) {
  const { gateway, units } = network;
  const { log } = units;
  const limit = Math.max(1, numberQuery(c, 'limit', PAGE_MAX) ?? PAGE_DEFAULT);
  const query = (name: string) => numberQuery(c, name, Number.MAX_SAFE_INTEGER);
  const byNonce = c.req.query('from-nonce') !== undefined || c.req.query('to-nonce') !== undefined;
  const from = (byNonce ? query('from-nonce') : query('from')) ?? -1;
  const to = (byNonce ? query('to-nonce') : query('to')) ?? Number.MAX_SAFE_INTEGER;
  const placeAt = (nonce: number): number =>
    byNonce ? nonce : (log.at(process, nonce)?.timestampMs ?? Number.POSITIVE_INFINITY);
  const next = log.next(process);
  const start = findPlace(next, (nonce) => placeAt(nonce) > from); // places never go back
  const stop = findPlace(next, (nonce) => placeAt(nonce) > to);
  const bytesOf = (nonce: number) =>
    gateway.locate(log.at(process, nonce)?.messageId ?? '')?.entry.dataSize ?? 0;
  let end = start;
  let bytes = 0;
  const isFull = () => end - start >= limit || bytes > PAGE_BYTES;
  while (end < stop && !(isFull() && placeAt(end) !== placeAt(end - 1))) bytes += bytesOf(end++);
  if (bytes > PAGE_BYTES_MAX) throw pageTooLarge(process, 'bytes', bytes, PAGE_BYTES_MAX);
  if (end - start > PAGE_TIED_MAX)
    throw pageTooLarge(process, 'entries', end - start, PAGE_TIED_MAX);
  return {
    page_info: { has_next_page: end < stop },
    edges: log.read(process, start, end).map((entry) => ({
      node: entryToWire(gateway, entry, process),
      cursor: String(placeAt(entry.nonce)),
    })),
  };
}

function pageTooLarge(process: string, what: string, got: number, limit: number): ActorError {
  const text = `one moment of ${process} has ${got} ${what} of messages, the limit is ${limit}`;
  return new ActorError('PAGE_TOO_LARGE', text, {
    hint: 'Ask by nonce, with from-nonce: such pages are cut anywhere.',
    details: { limit, got },
  });
}

/** @throws {MESSAGE_NOT_FOUND} */
function entryToWire(gateway: Gateway, entry: LogEntry | undefined, id: string) {
  const message = entry && storedItem(gateway, entry.messageId);
  const assignment = entry && gateway.item(entry.assignmentId);
  if (!entry || !message || !assignment) return notFound(id);
  return {
    message: itemToWire(message, entry.messageId),
    assignment: { ...itemToWire(assignment, entry.assignmentId), data: undefined },
  };
}

function itemToWire(item: DataItem, id: string) {
  const { address, owner, tags, signature, anchor, target } = item;
  return {
    id,
    owner: { address, key: owner },
    tags,
    signature,
    data: dataText(item.data) ?? undefined,
    anchor: anchor || undefined,
    target: target || undefined,
  };
}

function notFound(id: string): never {
  throw new ActorError('MESSAGE_NOT_FOUND', `the log of this process has no message ${id}`, {
    hint: 'Ask for the id of a message of this process.',
    details: { message: id },
  });
}
