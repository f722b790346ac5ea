/**
 * A checkpoint of a WebAssembly process in bytes: the pages in which its memory differs from its
 * module's image, and what the host keeps for it. Equal histories give equal bytes.
 */
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import type { WasmEngine } from './engine.js';
import { WasmError } from './errors.js';
import {
  CHUNK,
  differentPages,
  PAGE,
  pageOf,
  putPage,
  type Snapshot,
  shareSnapshot,
} from './memory.js';

/** Everything a process is between two messages. */
export interface WasmState {
  readonly snapshot: Snapshot;
  readonly clock: number;
  readonly knowsZone: boolean;
  readonly files: Uint8Array;
}

/** The same as plain data, without the chunks that the module's image has too. Never changed. */
export interface WasmCapture {
  /** Hash of the engine. */
  readonly module: string;
  readonly bytes: number;
  readonly low: number;
  /** By their numbers. */
  readonly chunks: ReadonlyMap<number, Uint8Array>;
  readonly clock: number;
  readonly knowsZone: boolean;
  readonly files: Uint8Array;
}

const MAGIC = Buffer.from('CRLWASM1');
const HASH_BYTES = 32;
/** Magic, module, then bytes, low, clock as f64, zone, length of files and number of pages. */
const HEADER_BYTES = MAGIC.length + HASH_BYTES + 3 * 8 + 3 * 4;

/** The next quality takes twice the time for a tenth less. */
const QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

/** The byte form, compressed, for a store. */
export function packState(engine: WasmEngine, state: WasmState): Buffer {
  return brotliCompressSync(encodeState(engine, state), QUALITY);
}

/** @throws {CHECKPOINT_INVALID, CHECKPOINT_FOREIGN} */
export function unpackState(engine: WasmEngine, bytes: Uint8Array): WasmState {
  let encoded: Buffer;
  try {
    encoded = brotliDecompressSync(bytes);
  } catch (cause) {
    throw invalid('cannot be decompressed', cause);
  }
  return decodeState(engine, encoded);
}

/** Copies nothing: from now on the state's chunks are not its own any more. */
export function captureState({ hash, image }: WasmEngine, state: WasmState): WasmCapture {
  const { snapshot, ...rest } = state;
  const { bytes, low } = snapshot;
  snapshot.own.clear();
  const chunks = new Map<number, Uint8Array>();
  for (const [number, chunk] of snapshot.chunks.entries()) {
    if (chunk && chunk !== image.chunks[number]) chunks.set(number, chunk);
  }
  return { module: hash, bytes, low, chunks, ...rest };
}

/** @throws {CHECKPOINT_FOREIGN} when it was captured from a process of another module */
export function resumeState(engine: WasmEngine, capture: WasmCapture): WasmState {
  const { module, bytes, low, chunks, ...rest } = capture;
  if (module !== engine.hash) throw foreign(module, engine);
  const snapshot = { ...shareSnapshot(engine.image), bytes, low };
  for (const [number, chunk] of chunks) {
    snapshot.chunks[number] = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  return { snapshot, ...rest };
}

export function encodeState(engine: WasmEngine, state: WasmState): Buffer {
  const { snapshot, clock, knowsZone, files } = state;
  const pages = differentPages(snapshot, engine.image);
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  Buffer.from(engine.hash, 'base64url').copy(header, MAGIC.length);
  let at = MAGIC.length + HASH_BYTES;
  for (const number of [snapshot.bytes, snapshot.low, clock]) at = header.writeDoubleLE(number, at);
  for (const number of [knowsZone ? 1 : 0, files.length, pages.length]) {
    at = header.writeUInt32LE(number, at);
  }
  const table = Buffer.alloc(pages.length * 4);
  for (const [i, page] of pages.entries()) table.writeUInt32LE(page, i * 4);
  return Buffer.concat([header, files, table, ...pages.map((page) => pageOf(snapshot, page))]);
}

/**
 * @throws {CHECKPOINT_INVALID} when the bytes are not a whole checkpoint
 * @throws {CHECKPOINT_FOREIGN} when it was taken from a process of another module
 */
export function decodeState(engine: WasmEngine, bytes: Uint8Array): WasmState {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < HEADER_BYTES || !buffer.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw invalid('does not begin like one');
  }
  const hash = buffer.toString('base64url', MAGIC.length, MAGIC.length + HASH_BYTES);
  if (hash !== engine.hash) throw foreign(hash, engine);
  let at = MAGIC.length + HASH_BYTES;
  const take = (bytes: number) => {
    at += bytes;
    return at - bytes;
  };
  const double = () => buffer.readDoubleLE(take(8));
  const int = () => buffer.readUInt32LE(take(4));
  const [memoryBytes, low, clock] = [double(), double(), double()];
  const [zone, fileBytes, count] = [int(), int(), int()];
  if (buffer.length !== HEADER_BYTES + fileBytes + count * (4 + PAGE)) {
    throw invalid(`has ${buffer.length} bytes`);
  }
  const files = Buffer.from(buffer.subarray(at, at + fileBytes));
  const snapshot = { ...shareSnapshot(engine.image), bytes: memoryBytes, low };
  readPages(buffer.subarray(at + fileBytes), count, snapshot);
  return { snapshot, clock, knowsZone: zone === 1, files };
}

/** A checkpoint may come from a store: nothing in it is trusted to point into the memory. */
function readPages(buffer: Buffer, count: number, snapshot: Snapshot): void {
  const { bytes, low } = snapshot;
  if (!(bytes % CHUNK === 0 && low >= 0 && low <= bytes)) throw invalid('has an odd memory');
  let previous = -1;
  for (let i = 0; i < count; i += 1) {
    const page = buffer.readUInt32LE(i * 4);
    if (page <= previous || (page + 1) * PAGE > bytes) throw invalid(`has a page ${page}`);
    const at = count * 4 + i * PAGE;
    putPage(snapshot, page, buffer.subarray(at, at + PAGE));
    previous = page;
  }
}

/** A whole memory that a process of this module may have. @throws {CHECKPOINT_INVALID} */
export function checkMemory({ image }: WasmEngine, memory: Uint8Array): Uint8Array {
  const isWhole = memory.length % CHUNK === 0 && memory.length >= image.bytes;
  if (!isWhole)
    throw invalid(`has ${memory.length} bytes, and the module begins with ${image.bytes}`);
  return memory;
}

function foreign(checkpoint: string, { hash: module }: WasmEngine): WasmError {
  return new WasmError('CHECKPOINT_FOREIGN', 'the checkpoint belongs to another module', {
    hint: 'Restore it into a process of the module that it was taken from.',
    details: { checkpoint, module },
  });
}

function invalid(what: string, cause?: unknown): WasmError {
  return new WasmError('CHECKPOINT_INVALID', `this is no checkpoint: it ${what}`, {
    hint: 'Replay the process from its log instead.',
    cause,
  });
}
