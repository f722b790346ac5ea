/**
 * WeaveDrive: what a process reads of the gateway by opening a path: `/data/<id>`, the bytes of an
 * item or transaction; `/tx/<id>`, its header as JSON with the owner's address; `/block/<height>`.
 * A process has it whose module or spawn says `Extension: WeaveDrive`, and every 64-bit module, as
 * on AO. Where nothing else is said all of the gateway may be read (the drive's mode "test"); the tag
 * `Availability-Type` asks for attestations, as on AO.
 * Source: @permaweb/weavedrive 0.0.18 (MIT), its admission rules.
 */
import type { Gateway } from '../../arlocal/gateway.js';
import { blockToJson } from '../../arlocal/http/network-routes.js';
import { entryToJson } from '../../arlocal/http/transaction-routes.js';
import type { Tag } from '../../arlocal/tags.js';
import type { Life } from '../compute/host.js';
import type { WasmProgram } from '../compute/modules.js';
import { tagValue, tagValues } from '../items/protocol.js';
import { WasmError } from './errors.js';
import type { Drive } from './guest.js';

export const WEAVE_DRIVE = 'WeaveDrive';

/** The drive of a process; undefined if it has none. */
export function createDrive(
  gateway: Gateway,
  { environment }: Life,
  { item, format }: WasmProgram,
): Drive | undefined {
  const { Process } = JSON.parse(environment) as { Process: { Tags: Tag[] } };
  const spawn = Process.Tags;
  const extensions = [...tagValues(item.tags, 'Extension'), ...tagValues(spawn, 'Extension')];
  if (!extensions.includes(WEAVE_DRIVE) && !format.isWide) return undefined;
  const availability =
    tagValue(spawn, 'Availability-Type') ?? tagValue(item.tags, 'Availability-Type');
  const attestors = [...tagValues(spawn, 'Scheduler').slice(0, 1), ...tagValues(spawn, 'Attestor')];
  const isBoot = (id: string) => tagValue(spawn, 'On-Boot') === id;
  return {
    read(path, untilMs = Number.POSITIVE_INFINITY) {
      const [, folder, key = ''] = path.split('/');
      if (folder === 'block') return readBlock(gateway, key, untilMs);
      if (folder === 'tx') return readHeader(gateway, key, untilMs);
      if (availability !== undefined && !isBoot(key)) {
        requireAttestation(gateway, { id: key, availability, attestors, untilMs });
      }
      return readBytes(gateway, key, untilMs);
    },
  };
}

function readBytes(gateway: Gateway, id: string, untilMs: number): Uint8Array {
  const entry = findEntry(gateway, id, untilMs);
  const data = entry && gateway.data(id);
  if (data) return data;
  throw missing(gateway, `data of ${id}`, untilMs);
}

function readHeader(gateway: Gateway, id: string, untilMs: number): Uint8Array {
  const entry = findEntry(gateway, id, untilMs);
  if (!entry) throw missing(gateway, `transaction ${id}`, untilMs);
  return Buffer.from(JSON.stringify({ ...entryToJson(entry), ownerAddress: entry.address }));
}

function readBlock(gateway: Gateway, key: string, untilMs: number): Uint8Array {
  const block = /^\d{1,15}$/.test(key) ? gateway.block(Number(key)) : undefined;
  if (!block || block.timestampMs > untilMs) throw missing(gateway, `block ${key}`, untilMs);
  return Buffer.from(JSON.stringify(blockToJson(gateway, block)));
}

/** What came after the message is not there for it, whenever it is evaluated. */
function findEntry(gateway: Gateway, id: string, untilMs: number) {
  const entry = gateway.locate(id)?.entry;
  return entry && entry.receivedMs <= untilMs ? entry : undefined;
}

interface Wanted {
  readonly id: string;
  readonly availability: string;
  readonly attestors: readonly string[];
  readonly untilMs: number;
}

/** @throws {DATA_NOT_AVAILABLE} when nobody who may attests that the data can be had */
function requireAttestation(gateway: Gateway, wanted: Wanted): void {
  const { id, availability, attestors, untilMs } = wanted;
  const isAttested = (tags: Record<string, string>) => {
    const conditions = Object.entries(tags).map(([name, value]) => ({ name, values: [value] }));
    const query = { owners: attestors, tags: conditions, receivedMsMax: untilMs, first: 1 };
    return gateway.query(query).edges.length > 0;
  };
  if (isAttested({ Type: 'Attestation', Message: id, 'Data-Protocol': 'ao' })) return;
  const individual = { Type: 'Available', ID: id, 'Data-Protocol': WEAVE_DRIVE };
  if (availability === 'Individual' && isAttested(individual)) return;
  throw new WasmError('DATA_NOT_AVAILABLE', `nobody attests that the data of ${id} is available`, {
    hint:
      `The process has Availability-Type "${availability}": assign the item to it, post an ` +
      'attestation signed by its Scheduler or an Attestor, or spawn it without that tag.',
    details: { id, availability, attestors },
  });
}

function missing(gateway: Gateway, what: string, untilMs: number): WasmError {
  const advice = gateway.upstream
    ? 'Read it through this gateway once, which fetches it from the one behind, and send again.'
    : 'Post it to this gateway, and send the message again.';
  return new WasmError('DATA_NOT_FOUND', `the gateway did not have the ${what} at ${untilMs}`, {
    hint: advice,
    details: { what, untilMs },
  });
}
