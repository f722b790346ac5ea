/**
 * L1 transactions and their data, which may come with them or later in proven chunks.
 *
 * Data is stored under its Merkle root, so two transactions with the same data share it. The offset
 * of a transaction's data in the weave is given when the transaction is accepted.
 */
import { fromBase64Url, isId, toBase64Url } from './encoding.js';
import { ArlocalError } from './errors.js';
import { sha256 } from './hashing.js';
import { fieldsOf, numberOf, showValue, textOf } from './json-fields.js';
import { buildTree, CHUNK_BYTES_MAX, checkPath } from './merkle.js';
import type { Chunk, Entry, Store } from './store.js';
import type { Transaction } from './transaction.js';

const PATH_BYTES_MAX = 256 * 1024; // as nodes bound it; a proof grows by 96 bytes a level

/** Bytes of a transaction's data: it is put together in memory. */
export const L1_DATA_BYTES_MAX = 1024 * 1024 * 1024;

/** The entry of an accepted transaction. */
export function transactionEntry(
  transaction: Transaction,
  receivedMs: number,
  weaveEnd: number,
): Entry {
  const { format, quantity, reward, dataRoot, dataSize, id } = transaction;
  return {
    kind: 'transaction',
    id,
    alias: '',
    owner: transaction.owner,
    address: transaction.address,
    signature: transaction.signature,
    signatureType: 1,
    target: transaction.target,
    anchor: transaction.lastTx,
    tags: transaction.tags,
    tagBytes: new Uint8Array(0),
    dataSize,
    dataKey: dataRoot === '' ? id : dataRoot,
    bundledIn: '',
    receivedMs,
    l1: { format, quantity, reward, dataRoot, weaveEnd: weaveEnd + dataSize },
  };
}

/**
 * Keep one posted chunk, and with the last one the data of every transaction with that root.
 * @param json the body of `POST /chunk`
 * @returns the transactions whose data is complete now
 * @throws {CHUNK_INVALID}
 */
export function putChunk(store: Store, json: unknown): readonly Entry[] {
  const { dataRoot, dataSize, offset, dataPath, bytes } = readChunk(json);
  const query = { sequenceMin: 1, sequenceMax: store.sequenceEnd, order: 'asc' } as const;
  const waiting = [...store.find({ ...query, dataRoots: [dataRoot] })].map(({ entry }) => entry);
  if (!waiting.some((entry) => entry.dataSize === dataSize)) {
    throw invalid(dataRoot, `no transaction has that root and ${dataSize} bytes`);
  }
  const place = checkPath(fromBase64Url(dataRoot), offset, dataSize, dataPath);
  if (!place) throw invalid(dataRoot, `its data_path does not lead to offset ${offset}`);
  const isProven = Buffer.compare(sha256(bytes), place.dataHash) === 0;
  if (!isProven || place.end - place.start !== bytes.length) {
    throw invalid(dataRoot, 'its bytes are not those that its data_path is about');
  }
  if (store.hasData(dataRoot)) return [];
  store.putChunk(dataRoot, { start: place.start, end: place.end, dataPath, bytes });
  if (store.chunkBytes(dataRoot) < dataSize) return [];
  const data = assemble(store.chunks(dataRoot), dataSize);
  if (!data) return [];
  store.putData(dataRoot, data);
  // Chunks cut in the usual way can be cut again from the data; only odd ones are kept.
  if (Buffer.compare(buildTree(data).root, fromBase64Url(dataRoot)) === 0) {
    store.dropChunks(dataRoot);
  }
  return waiting.filter((entry) => entry.dataSize === dataSize);
}

/**
 * The data of an entry. A transaction may say a size that the data of its root does not have, before
 * anybody can know: its data never arrives.
 */
export function dataOf(store: Store, { dataKey, dataSize }: Entry): Uint8Array | undefined {
  const data = store.data(dataKey);
  return data?.length === dataSize ? data : undefined;
}

/** The chunk that covers an offset of the weave. @throws {CHUNK_NOT_FOUND} */
export function chunkAt(store: Store, weaveOffset: number): Chunk {
  const entry = store.transactionAt(weaveOffset)?.entry;
  if (entry?.l1) {
    const offset = weaveOffset - 1 - (entry.l1.weaveEnd - entry.dataSize);
    const covers = ({ start, end }: { start: number; end: number }) =>
      offset >= start && offset < end;
    const posted = store.chunks(entry.l1.dataRoot).find(covers);
    if (posted) return posted;
    const data = dataOf(store, entry);
    const cut = data && buildTree(data).chunks.find(covers);
    if (data && cut) return { ...cut, bytes: data.subarray(cut.start, cut.end) };
  }
  throw new ArlocalError('CHUNK_NOT_FOUND', { offset: weaveOffset });
}

/** All the data, if the chunks leave no gap. */
function assemble(chunks: readonly Chunk[], size: number): Uint8Array | undefined {
  let end = 0;
  for (const chunk of chunks) {
    if (chunk.start !== end) return undefined;
    end = chunk.end;
  }
  return end === size ? Buffer.concat(chunks.map(({ bytes }) => bytes)) : undefined;
}

function readChunk(json: unknown) {
  const fields = fieldsOf(json);
  const given = showValue(fields.get('data_root') ?? '');
  if (!isId(given)) throw invalid(given, 'its data_root is not 32 bytes of base64url');
  const dataRoot = toBase64Url(fromBase64Url(given)); // its last character can be written otherwise
  const readNumber = (name: string) => {
    const value = numberOf(fields.get(name));
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw invalid(dataRoot, `its ${name} is ${showValue(fields.get(name))}`);
  };
  const readBytes = (name: string, max: number) => {
    const bytes = fromBase64Url(textOf(fields.get(name)) ?? '');
    if (bytes.length > 0 && bytes.length <= max) return bytes;
    throw invalid(dataRoot, `its ${name} has ${bytes.length} bytes, not 1 to ${max}`);
  };
  return {
    dataRoot,
    dataSize: readNumber('data_size'),
    offset: readNumber('offset'),
    dataPath: readBytes('data_path', PATH_BYTES_MAX),
    bytes: readBytes('chunk', CHUNK_BYTES_MAX),
  };
}

function invalid(dataRoot: string, reason: string): ArlocalError {
  return new ArlocalError('CHUNK_INVALID', { dataRoot, reason });
}
