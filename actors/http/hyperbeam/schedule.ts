/**
 * The schedule of a process, page by page: as HyperBEAM's JSON, or with `accept=application/aos-2` as
 * the edges that AO's compute unit reads. `from` and `to` are slots, both included.
 */
import type { DataItem } from '../../../arlocal/data-item.js';
import { dataText } from '../../compute/message-json.js';
import { ActorError } from '../../errors.js';
import { tagValue } from '../../items/protocol.js';
import { storedItem } from '../../items/stored-item.js';
import type { ActorNetwork } from '../../network.js';
import type { LogEntry } from '../../ports.js';
import { answerPart, type Doc } from './answers.js';
import { itemCommitment, itemDoc } from './items.js';
import type { NodeRequest } from './node-request.js';

/** Assignments on a page, as HyperBEAM has it; fewer if their data is long. */
const PAGE_MAX = 1000;

export function answerSchedule(network: ActorNetwork, request: NodeRequest, process: string) {
  const { c } = request;
  const next = network.units.log.next(process);
  const from = slotParam(request, 'from') ?? 0;
  const to = Math.min(slotParam(request, 'to') ?? next - 1, next - 1, from + PAGE_MAX - 1);
  const entries = fitPage(network, network.units.log.read(process, from, to + 1));
  const continues = (entries.at(-1)?.nonce ?? to) < next - 1;
  const { gateway, clock } = network;
  const { height, id: hash } = gateway.tip;
  if (request.param('accept')?.includes('aos-2')) {
    const page_info = {
      process,
      has_next_page: continues,
      timestamp: String(clock.now),
      'block-height': String(height),
      'block-hash': hash,
    };
    const edges = entries.map((entry) => ({
      cursor: entry.nonce,
      node: {
        message: aosStruct(network, storedItem(gateway, entry.messageId), entry.messageId),
        assignment: aosStruct(network, gateway.item(entry.assignmentId), entry.assignmentId),
      },
    }));
    return c.json({ page_info, edges });
  }
  const doc = {
    type: 'schedule',
    process,
    continues,
    timestamp: clock.now,
    'block-height': height,
    'block-hash': hash,
    assignments: Object.fromEntries(
      entries.map((entry) => [entry.nonce, assignmentDoc(network, process, entry)]),
    ),
  };
  return answerPart(c, doc, request.path.names.slice(1));
}

/** As many entries as have data of one message's bound together, and always the first. */
function fitPage({ gateway, limits }: ActorNetwork, entries: readonly LogEntry[]) {
  let bytes = 0;
  const end = entries.findIndex(({ messageId }, place) => {
    bytes += gateway.locate(messageId)?.entry.dataSize ?? 0;
    return place > 0 && bytes > limits.messageBytes;
  });
  return end < 0 ? entries : entries.slice(0, end);
}

function assignmentDoc(network: ActorNetwork, process: string, entry: LogEntry): Doc {
  const { gateway } = network;
  const message = storedItem(gateway, entry.messageId);
  const assignment = gateway.item(entry.assignmentId);
  return {
    type: 'Assignment',
    'data-protocol': 'ao',
    process,
    slot: entry.nonce,
    epoch: 0,
    id: entry.assignmentId,
    timestamp: entry.timestampMs,
    'block-height': entry.blockHeight,
    'hash-chain': entry.hashChain,
    body: message && itemDoc(network, message, entry.messageId),
    ...(assignment && { commitments: { [entry.assignmentId]: itemCommitment(assignment) } }),
  };
}

/** An item under the names that aos gives to its fields. */
function aosStruct(network: ActorNetwork, item: DataItem | undefined, id: string) {
  if (!item) return undefined;
  const isPushed = item.address === network.addresses.messenger;
  return {
    Id: id,
    Owner: item.address,
    From: (isPushed ? tagValue(item.tags, 'From-Process') : undefined) ?? item.address,
    Target: item.target,
    Anchor: item.anchor,
    Tags: item.tags,
    Data: dataText(item.data),
    Signature: item.signature,
  };
}

/** @throws {BAD_REQUEST} */
function slotParam(request: NodeRequest, name: string): number | undefined {
  const value = request.path.params.get(name) ?? request.c.req.header(name);
  if (value === undefined || value === '') return undefined;
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new ActorError('BAD_REQUEST', `${name} is "${value}", not a slot`, {
    hint: 'A slot is a whole number from 0.',
    details: { name, value },
  });
}
