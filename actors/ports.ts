/**
 * The narrow ports behind which everything durable sits, so that a store on several machines can take
 * the place of the embedded one: Log (assignments, and results too), Lease (where a process lives),
 * Checkpoints (states of processes that sleep), Jobs (outboxes still to be sent) and Backlog (what of
 * it a crash must not forget). Lookups and GraphQL are a projection of the logs and never the truth.
 */

import type { SavedMemory } from './compute/actor.js';

/** One assignment, as the log keeps it; the signed items themselves are on the gateway. */
export interface LogEntry {
  readonly nonce: number;
  /** Id of the assigned item; the process's own id for Nonce 0. */
  readonly messageId: string;
  readonly assignmentId: string;
  /** Written once, by the scheduler unit, never before the previous one. */
  readonly timestampMs: number;
  readonly blockHeight: number;
  readonly hashChain: string;
  /** Fields of the item that the process is not to be given. */
  readonly exclude: readonly string[];
}

/**
 * What an append came to. After `unknown` (the store cannot tell whether it took the entries) the
 * caller reads the log again; `duplicate` names an entry id that the log holds already, for ever.
 */
type AppendAnswer =
  | { readonly kind: 'appended' }
  | { readonly kind: 'stale'; readonly next: number }
  | { readonly kind: 'duplicate'; readonly id: string }
  | { readonly kind: 'unknown' };

/** An append-only log per process; entry n is the one appended at position n. */
export interface Log<Entry> {
  /** Compare-and-append: takes all entries, or none if the log does not end at `expected`. */
  append(process: string, expected: number, entries: readonly Entry[]): AppendAnswer;
  /** Entries from position `from` up to but not including `to`. */
  read(process: string, from: number, to?: number): readonly Entry[];
  at(process: string, position: number): Entry | undefined;
  /** Position of the entry with this id, by the log's own index. */
  find(process: string, id: string): number | undefined;
  /** Position that the next entry will get; 0 if the log is empty. */
  next(process: string): number;
  /** Processes that have a log, oldest first. */
  processes(): Iterable<string>;
  /** Position from which on a log is whole; before it only entry 0 is left. Absent: never forgets. */
  start?(process: string): number;
  /**
   * Forgets the entries before a position but for entry 0: they are as if they had never been, only
   * the positions of the others stay.
   */
  forget?(process: string, before: number): void;
}

/** The right to evaluate a process: held in one place at a time. */
export interface Lease {
  /** Gives the lease to `holder` if it is free or already its own; answers who holds it. */
  acquire(process: string, holder: string): string;
  release(process: string, holder: string): void;
}

/** The state of a process after so many evaluations. */
export interface SavedState<Memory = SavedMemory> {
  readonly evaluations: number;
  readonly checkpoint: Memory;
}

/** The last state of each process that is not awake: a shortcut for its log, and never the truth. */
export interface Checkpoints<Memory = SavedMemory> {
  /** True if they outlast this run: then processes that are awake are worth saving, too. */
  readonly lasting: boolean;
  put(process: string, state: SavedState<Uint8Array>): void;
  /** For a process that is to be woken. @throws {CHECKPOINT_DAMAGED} and what the store throws */
  take(process: string): SavedState<Memory> | undefined;
  /**
   * Keeps a memory for good, until the next one: the log of its process is not whole any more. Absent
   * where no log forgets.
   */
  keep?(process: string, state: SavedState<Memory>): void;
  /** Whether there is a memory for a process that is to be woken. */
  has?(process: string): boolean;
}

/** Outbox entries waiting to be sent, oldest first. */
export interface Jobs<Job> {
  add(jobs: readonly Job[]): void;
  /** The oldest job, which then counts as being worked on. */
  take(): Job | undefined;
  readonly size: number;
}

/** Small values by key; a Map is one that is forgotten. */
export interface Table<Value> {
  get(key: string): Value | undefined;
  has(key: string): boolean;
  set(key: string, value: Value): void;
  /** @returns false if there was none */
  delete(key: string): boolean;
  keys(): Iterable<string>;
}
