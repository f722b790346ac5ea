/**
 * What a SQLite store keeps beside the log: data, chunks, blocks and balances.
 */
import type { Block, Chunk } from '../store.js';
import type { BlobFiles } from './blob-files.js';
import { checksum } from './checksum.js';
import { type Connection, damaged, readText } from './connection.js';

/** Larger data goes to a file. */
export const INLINE_BYTES_MAX = 256 * 1024;

interface DataRow {
  readonly bytes: ArrayBuffer | null;
  readonly file: ArrayBuffer | null;
  readonly sum: number;
}

interface ChunkRow {
  readonly start: number;
  readonly end: number;
  readonly path: ArrayBuffer;
  readonly bytes: ArrayBuffer;
  readonly sum: number;
}

interface BlockRow {
  readonly height: number;
  readonly id: ArrayBuffer;
  readonly previous: ArrayBuffer;
  readonly timestamp_ms: number;
  readonly sequence_end: number;
  readonly weave_size: number;
  readonly sum: number;
}

const BLOCK = `height, CAST(id AS BLOB) AS id, CAST(previous AS BLOB) AS previous, timestamp_ms,
  sequence_end, weave_size, sum`;

const MISMATCH = 'it does not match its checksum';

export function createDataTable(connection: Connection, files: BlobFiles) {
  const insert = connection.prepare('INSERT OR IGNORE INTO data VALUES (?, ?, ?, ?)');
  const select = connection.prepare<DataRow>(
    'SELECT bytes, CAST(file AS BLOB) AS file, sum FROM data WHERE key = ?',
  );
  const selectOne = connection.prepare('SELECT 1 FROM data WHERE key = ?');
  const { folder } = connection;
  return {
    has: (key: string): boolean => selectOne.get(key) !== undefined,
    put(key: string, bytes: Uint8Array): void {
      const isLarge = bytes.length > INLINE_BYTES_MAX;
      const file = isLarge ? connection.guard(() => files.write(bytes)) : null;
      insert.run(key, file === null ? bytes : null, file, checksum([key, file], bytes));
    },
    get(key: string): Uint8Array | undefined {
      const row = select.get(key);
      if (!row) return undefined;
      const { sum } = row;
      const file = row.file && readText(row.file);
      const bytes = file === null ? new Uint8Array(row.bytes ?? []) : files.read(file);
      if (!bytes) throw damaged(folder, 'data', key, `its file data/${file} is missing`);
      if (checksum([key, file], bytes) === sum) return bytes;
      const where = file === null ? MISMATCH : `its file data/${file} is not what was written`;
      throw damaged(folder, 'data', key, where);
    },
  };
}

export function createChunkTable(connection: Connection) {
  const insert = connection.prepare('INSERT OR REPLACE INTO chunks VALUES (?, ?, ?, ?, ?, ?)');
  const select = connection.prepare<ChunkRow>(
    'SELECT start, "end", path, bytes, sum FROM chunks WHERE root = ? ORDER BY start',
  );
  const selectBytes = connection.prepare<{ total: number }>(
    'SELECT total("end" - start) AS total FROM chunks WHERE root = ?',
  );
  const remove = connection.prepare('DELETE FROM chunks WHERE root = ?');
  const selectRoots = connection.prepare<{ root: ArrayBuffer }>(
    'SELECT DISTINCT CAST(root AS BLOB) AS root FROM chunks ORDER BY chunks.root',
  );
  const sumOf = (root: string, { start, end, dataPath, bytes }: Chunk) =>
    checksum([root, start, end, checksum([], dataPath)], bytes);
  return {
    put(root: string, chunk: Chunk): void {
      const { start, end, dataPath, bytes } = chunk;
      insert.run(root, start, end, dataPath, bytes, sumOf(root, chunk));
    },
    of: (root: string): Chunk[] =>
      select.all(root).map(({ start, end, path, bytes, sum }) => {
        const dataPath = new Uint8Array(path);
        const chunk = { start, end, dataPath, bytes: new Uint8Array(bytes) };
        if (sumOf(root, chunk) === sum) return chunk;
        throw damaged(connection.folder, 'chunks', `${root} ${start}`, MISMATCH);
      }),
    bytes: (root: string): number => selectBytes.get(root)?.total ?? 0,
    drop: (root: string) => void remove.run(root),
    roots: () => selectRoots.all().map(({ root }) => readText(root)),
  };
}

export function createBlockTable(connection: Connection) {
  const insert = connection.prepare('INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?, ?)');
  const byHeight = connection.prepare<BlockRow>(`SELECT ${BLOCK} FROM blocks WHERE height = ?`);
  const byId = connection.prepare<BlockRow>(`SELECT ${BLOCK} FROM blocks WHERE id = ?`);
  const bySequence = connection.prepare<BlockRow>(
    `SELECT ${BLOCK} FROM blocks WHERE sequence_end >= ? ORDER BY sequence_end, height LIMIT 1`,
  );
  const newest = connection.prepare<BlockRow>(
    `SELECT ${BLOCK} FROM blocks ORDER BY height DESC LIMIT 1`,
  );
  const sumOf = (block: Block) => {
    const { height, id, previous, timestampMs, sequenceEnd, weaveSize } = block;
    return checksum([height, id, previous, timestampMs, sequenceEnd, weaveSize]);
  };
  const read = (row: BlockRow | undefined): Block | undefined => {
    if (!row) return undefined;
    const block = {
      height: row.height,
      id: readText(row.id),
      previous: readText(row.previous),
      timestampMs: row.timestamp_ms,
      sequenceEnd: row.sequence_end,
      weaveSize: row.weave_size,
    };
    if (sumOf(block) === row.sum) return block;
    throw damaged(connection.folder, 'blocks', row.height, MISMATCH);
  };
  return {
    append(block: Block): void {
      const { height, id, previous, timestampMs, sequenceEnd, weaveSize } = block;
      insert.run(height, id, previous, timestampMs, sequenceEnd, weaveSize, sumOf(block));
    },
    get: (key: number | string) =>
      read(typeof key === 'number' ? byHeight.get(key) : byId.get(key)),
    of: (sequence: number) => read(bySequence.get(sequence)),
    newest: () => read(newest.get()),
  };
}

export function createBalanceTable(connection: Connection) {
  const insert = connection.prepare('INSERT OR REPLACE INTO balances VALUES (?, ?, ?)');
  const select = connection.prepare<{ winston: ArrayBuffer; sum: number }>(
    'SELECT CAST(winston AS BLOB) AS winston, sum FROM balances WHERE address = ?',
  );
  const selectAll = connection.prepare<{ address: ArrayBuffer }>(
    'SELECT CAST(address AS BLOB) AS address FROM balances ORDER BY balances.address',
  );
  return {
    get(address: string): bigint {
      const row = select.get(address);
      if (!row) return 0n;
      const winston = readText(row.winston);
      if (checksum([address, winston]) === row.sum) return BigInt(winston);
      throw damaged(connection.folder, 'balances', address, MISMATCH);
    },
    addresses: () => selectAll.all().map(({ address }) => readText(address)),
    set(address: string, winston: bigint): void {
      const text = String(winston);
      insert.run(address, text, checksum([address, text]));
    },
  };
}
