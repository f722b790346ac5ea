/**
 * Durable records beside the log of entries: what the units of a network keep for themselves.
 *
 * A store that lasts has them in the same database and the same transaction as the entries, so that
 * after a crash everything is one consistent prefix of history. The store does not know what a
 * record means.
 */

export interface Records {
  /** The append-only logs of this name, one per key. */
  journal(name: string): Journal;
  /** The values of this name, each of which can be replaced. */
  cells(name: string): Cells;
  /** Names of all journals and cells that hold anything. */
  names(): { readonly journals: readonly string[]; readonly cells: readonly string[] };
  /**
   * Asks to be called before each commit, to write what is pending by then.
   * @returns to be called when something is: else there may be no commit
   */
  onCommit(write: () => void): () => void;
}

/**
 * Append-only logs. Every record carries a checksum, which is checked when it is read.
 * All that read throw STORE_DAMAGED if a record is damaged or missing.
 */
export interface Journal {
  /**
   * Takes the record if the log of the key ends at this position and does not know the id: else
   * `stale` or `duplicate`, and nothing changes.
   */
  append(
    key: string,
    position: number,
    id: string,
    bytes: Uint8Array,
  ): 'appended' | 'stale' | 'duplicate';
  at(key: string, position: number): Uint8Array | undefined;
  /** Records from position `from` up to but not including `to`. */
  read(key: string, from: number, to?: number): Uint8Array[];
  /** As `read`, with the ids. */
  entries(key: string, from: number, to?: number): { id: string; bytes: Uint8Array }[];
  /** Position of the record with this id. */
  find(key: string, id: string): number | undefined;
  /** Position that the next record will get, 0 if there is none. */
  next(key: string): number;
  /** In the order of their first records. */
  keys(): Iterable<string>;
}

/** Named values with checksums. All that read throw STORE_DAMAGED if the value is damaged. */
export interface Cells {
  put(key: string, bytes: Uint8Array): void;
  get(key: string): Uint8Array | undefined;
  drop(key: string): void;
  /** In the order of the keys' code units. */
  keys(): Iterable<string>;
}
