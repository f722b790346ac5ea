/**
 * Snapshots in files: one file for a whole network, which is there whole or not at all, and whose every
 * byte a SHA-256 vouches for. What is read is believed, like a program: open only what you trust.
 *
 * magic | format u32 | size of head u32 | head, JSON | value | pages | SHA-256 of all that
 */
import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import nodeProcess from 'node:process';
import { promisify } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';
import { identifyLua } from '../actors/lua/engine.js';
import { SANDBOX_SOURCE } from '../actors/lua/sandbox.js';
import { sha256 } from '../arlocal/hashing.js';
import { VERSION } from '../herd/package-root.js';
import { KitError } from './errors.js';
import { checkSnapshot, type Snapshot } from './snapshot.js';
import { attachPages, detachPages } from './snapshot-memories.js';

interface Head {
  /** Who wrote it. */
  readonly corral: string;
  readonly node: string;
  /** Name of the Lua machine: memories of another one mean something else. */
  readonly machine: string;
  /** Bytes of the two parts, compressed. */
  readonly value: number;
  readonly pages: number;
}

const MAGIC = Buffer.from('CRLSNAP1');
const FORMAT = 1;
const PREFIX_BYTES = MAGIC.length + 8;
const HASH_BYTES = 32;

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);
/**
 * With quality 1 pages take nine times the space, and longer to read; the next ones are not smaller.
 * The wide window sees all pages at once, and large pieces spare turns of the event loop.
 */
const COMPRESSION = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 2, [constants.BROTLI_PARAM_LGWIN]: 24 },
};
const DECOMPRESSION = { chunkSize: 2 ** 21 };

/** @throws {SNAPSHOT_INVALID, FILE_NOT_WRITABLE} then a file that was there is as it was */
export async function saveSnapshot(file: string, snapshot: Snapshot): Promise<void> {
  const bytes = await encodeSnapshot(checkSnapshot(snapshot));
  const part = `${file}.${randomUUID()}.part`;
  try {
    const handle = await open(part, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
  } catch (cause) {
    await rm(part, { force: true });
    throw new KitError('FILE_NOT_WRITABLE', `cannot write ${file}: ${(cause as Error).message}`, {
      hint: 'Give the path of a file in a folder that is there and can be written to.',
      details: { file },
      cause,
    });
  }
}

/**
 * @throws {FILE_NOT_READABLE}
 *   {SNAPSHOT_INVALID, SNAPSHOT_VERSION, SNAPSHOT_DAMAGED, SNAPSHOT_MACHINE} what is wrong with the file
 */
export async function readSnapshot(file: string): Promise<Snapshot> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new KitError('FILE_NOT_READABLE', `cannot read ${file}: ${(cause as Error).message}`, {
      hint: 'Give the path of a file that network.save wrote.',
      details: { file },
      cause,
    });
  }
  return decodeSnapshot(bytes, file);
}

async function encodeSnapshot(snapshot: Snapshot): Promise<Buffer> {
  const { memories, pages } = detachPages(snapshot.state.checkpoints);
  const plain = { ...snapshot, state: { ...snapshot.state, checkpoints: memories } };
  const [value, packed] = await Promise.all([
    compress(serialize(plain), COMPRESSION),
    compress(pages, COMPRESSION),
  ]);
  const head = encodeHead({
    corral: VERSION,
    node: nodeProcess.versions.node,
    machine: nameMachine(),
    value: value.length,
    pages: packed.length,
  });
  const all = Buffer.concat([head, value, packed]);
  return Buffer.concat([all, sha256(all)]);
}

function encodeHead(head: Head): Buffer {
  const json = Buffer.from(JSON.stringify(head));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  MAGIC.copy(prefix);
  prefix.writeUInt32LE(FORMAT, MAGIC.length);
  prefix.writeUInt32LE(json.length, MAGIC.length + 4);
  return Buffer.concat([prefix, json]);
}

async function decodeSnapshot(bytes: Buffer, file: string): Promise<Snapshot> {
  const { head, body } = decodeHead(bytes, file);
  if (head.machine !== nameMachine()) throw otherMachine(file, head);
  try {
    const [value, pages] = await Promise.all([
      decompress(body.subarray(0, head.value), DECOMPRESSION),
      decompress(body.subarray(head.value), DECOMPRESSION),
    ]);
    const plain = deserialize(value) as Snapshot;
    const checkpoints = attachPages(plain.state.checkpoints, pages);
    return checkSnapshot({ ...plain, state: { ...plain.state, checkpoints } });
  } catch (cause) {
    throw unreadable(file, head, cause);
  }
}

function decodeHead(bytes: Buffer, file: string): { head: Head; body: Buffer } {
  if (bytes.length < PREFIX_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new KitError('SNAPSHOT_INVALID', `${file} is no snapshot of a network`, {
      hint: 'Give a file that network.save wrote.',
      details: { file },
    });
  }
  const format = bytes.readUInt32LE(MAGIC.length);
  if (format !== FORMAT) throw otherFormat(file, format);
  const end = bytes.length - HASH_BYTES;
  if (end < PREFIX_BYTES || !sha256(bytes.subarray(0, end)).equals(bytes.subarray(end))) {
    throw damaged(file, 'its SHA-256 is not that of its bytes');
  }
  const headEnd = PREFIX_BYTES + bytes.readUInt32LE(MAGIC.length + 4);
  const head = JSON.parse(bytes.toString('utf8', PREFIX_BYTES, headEnd)) as Head;
  return { head, body: bytes.subarray(headEnd, end) };
}

/** What a captured memory depends on besides the module, which is in the snapshot. */
function nameMachine(): string {
  return `${identifyLua()} ${sha256(Buffer.from(SANDBOX_SOURCE)).toString('hex').slice(0, 16)}`;
}

function otherFormat(file: string, found: number): KitError {
  return new KitError(
    'SNAPSHOT_VERSION',
    `${file} has format ${found}, this Corral reads ${FORMAT}`,
    {
      hint: 'Open it with the Corral that wrote it, or build the network anew and save it again.',
      details: { file, found, expected: FORMAT },
    },
  );
}

function otherMachine(file: string, { corral, machine }: Head): KitError {
  const text = `${file} was saved by Corral ${corral}, whose Lua machine is not that of ${VERSION}`;
  return new KitError('SNAPSHOT_MACHINE', text, {
    hint: 'Its memories mean nothing here. Build the network anew and save it again.',
    details: { file, corral, machine, expected: nameMachine() },
  });
}

/** Whole, and yet not to be read: a younger Node may have written it in a way that this one lacks. */
function unreadable(file: string, { node }: Head, cause: unknown): KitError {
  const major = (version: string) => Number.parseInt(version, 10);
  if (major(node) <= major(nodeProcess.versions.node)) {
    return damaged(file, `it cannot be unpacked: ${(cause as Error).message}`, cause);
  }
  return new KitError('SNAPSHOT_VERSION', `${file} was saved with Node ${node}, which is younger`, {
    hint: `Open it with Node ${major(node)} or newer.`,
    details: { file, node },
    cause,
  });
}

function damaged(file: string, why: string, cause?: unknown): KitError {
  return new KitError('SNAPSHOT_DAMAGED', `the snapshot ${file} is damaged: ${why}`, {
    hint: 'Copy it again from where it is whole, or build the network anew and save it again.',
    details: { file },
    cause,
  });
}
