/**
 * What a SQLite store keeps beside the log: data, chunks, blocks and balances.
 */
import type Database from 'libsql';
import type { Block, Chunk } from '../store.js';
import type { BlobFiles } from './blob-files.js';

/** Larger data goes to a file. */
const INLINE_BYTES_MAX = 256 * 1024;

interface BlockRow {
  readonly height: number;
  readonly id: string;
  readonly previous: string;
  readonly timestamp_ms: number;
  readonly sequence_end: number;
  readonly weave_size: number;
}

export function createDataTable(database: Database.Database, files: BlobFiles) {
  const insert = database.prepare('INSERT OR IGNORE INTO data VALUES (?, ?, ?)');
  const select = database.prepare('SELECT bytes, file FROM data WHERE key = ?');
  return {
    put(key: string, bytes: Uint8Array): void {
      if (bytes.length > INLINE_BYTES_MAX) insert.run(key, null, files.write(bytes));
      else insert.run(key, Buffer.from(bytes), null);
    },
    get(key: string): Uint8Array | undefined {
      const row = select.get(key) as { bytes: Uint8Array; file: string | null } | undefined;
      if (!row) return undefined;
      return row.file === null ? new Uint8Array(row.bytes) : files.read(row.file);
    },
  };
}

export function createChunkTable(database: Database.Database) {
  const insert = database.prepare('INSERT OR REPLACE INTO chunks VALUES (?, ?, ?, ?, ?)');
  const select = database.prepare(
    'SELECT start, "end", path, bytes FROM chunks WHERE root = ? ORDER BY start',
  );
  const remove = database.prepare('DELETE FROM chunks WHERE root = ?');
  return {
    put(root: string, { start, end, dataPath, bytes }: Chunk): void {
      insert.run(root, start, end, Buffer.from(dataPath), Buffer.from(bytes));
    },
    of(root: string): Chunk[] {
      const rows = select.all(root) as (Omit<Chunk, 'dataPath'> & { path: Uint8Array })[];
      return rows.map(({ start, end, path, bytes }) => ({
        start,
        end,
        dataPath: new Uint8Array(path),
        bytes: new Uint8Array(bytes),
      }));
    },
    drop: (root: string) => void remove.run(root),
  };
}

export function createBlockTable(database: Database.Database) {
  const insert = database.prepare('INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?)');
  const byHeight = database.prepare('SELECT * FROM blocks WHERE height = ?');
  const byId = database.prepare('SELECT * FROM blocks WHERE id = ?');
  const bySequence = database.prepare(
    'SELECT * FROM blocks WHERE sequence_end >= ? ORDER BY sequence_end, height LIMIT 1',
  );
  const newest = database.prepare('SELECT * FROM blocks ORDER BY height DESC LIMIT 1');
  const read = (row: unknown) => (row ? readBlock(row as BlockRow) : undefined);
  return {
    append(block: Block): void {
      const { height, id, previous, timestampMs, sequenceEnd, weaveSize } = block;
      insert.run(height, id, previous, timestampMs, sequenceEnd, weaveSize);
    },
    get: (key: number | string) => read((typeof key === 'number' ? byHeight : byId).get(key)),
    of: (sequence: number) => read(bySequence.get(sequence)),
    newest: () => read(newest.get()),
  };
}

export function createBalanceTable(database: Database.Database) {
  const insert = database.prepare('INSERT OR REPLACE INTO balances VALUES (?, ?)');
  const select = database.prepare('SELECT winston FROM balances WHERE address = ?');
  return {
    get(address: string): bigint {
      const row = select.get(address) as { winston: string } | undefined;
      return BigInt(row?.winston ?? 0);
    },
    set: (address: string, winston: bigint) => void insert.run(address, String(winston)),
  };
}

function readBlock(row: BlockRow): Block {
  return {
    height: row.height,
    id: row.id,
    previous: row.previous,
    timestampMs: row.timestamp_ms,
    sequenceEnd: row.sequence_end,
    weaveSize: row.weave_size,
  };
}
