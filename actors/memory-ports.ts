/**
 * The embedded implementations of the ports: plain maps and arrays in memory. Nothing in them is lost
 * that cannot be read back from the gateway (see replay.ts).
 */
import type { Checkpoints, Jobs, Lease, Log, SavedState } from './ports.js';

/** Entries by process, oldest first. Nobody changes any of it. */
export type LogState<Entry> = ReadonlyMap<string, readonly Entry[]>;

export interface MemoryLog<Entry> extends Log<Entry> {
  /** All that it holds, to go on from; what did not change since the last time is the same again. */
  capture(): LogState<Entry>;
}

interface OpenLog<Entry> {
  entries: readonly Entry[];
  /** Entries before those; all but `first` are forgotten. */
  start: number;
  first?: Entry | undefined;
  /** True while nobody else has a hold of the entries. */
  isOwn: boolean;
  readonly positions: Map<string, number>;
}

/**
 * A log in memory; `idOf` names the entries, and a name can be taken only once per process.
 * @param state what another log captured, to go on from
 */
export function createMemoryLog<Entry>(
  idOf: (entry: Entry) => string,
  state: LogState<Entry> = new Map(),
): MemoryLog<Entry> {
  let past = state; // of what is not open
  const logs = new Map<string, OpenLog<Entry>>();
  const entriesOf = (process: string) => logs.get(process)?.entries ?? past.get(process) ?? [];
  const startOf = (process: string) => logs.get(process)?.start ?? 0;
  const nextOf = (process: string) => startOf(process) + entriesOf(process).length;
  const open = (process: string): OpenLog<Entry> => {
    const known = logs.get(process);
    if (known) return known;
    const entries = past.get(process) ?? [];
    const positions = new Map(entries.map((entry, position) => [idOf(entry), position]));
    const log = { entries, start: 0, isOwn: false, positions };
    logs.set(process, log);
    return log;
  };
  return {
    append(process, expected, entries) {
      const next = nextOf(process);
      if (next !== expected) return { kind: 'stale', next };
      const log = open(process);
      const ids = entries.map(idOf);
      const duplicate = ids.find((id, i) => log.positions.has(id) || ids.indexOf(id) !== i);
      if (duplicate !== undefined) return { kind: 'duplicate', id: duplicate };
      if (!log.isOwn) log.entries = [...log.entries];
      log.isOwn = true;
      for (const entry of entries) {
        log.positions.set(idOf(entry), log.start + log.entries.length);
        (log.entries as Entry[]).push(entry);
      }
      return { kind: 'appended' };
    },
    read(process, from, to) {
      const start = startOf(process);
      const end = to === undefined ? undefined : Math.max(0, to - start);
      return entriesOf(process).slice(Math.max(0, from - start), end);
    },
    at: (process, position) =>
      entriesOf(process)[position - startOf(process)] ??
      (position === 0 ? logs.get(process)?.first : undefined),
    find: (process, id) =>
      entriesOf(process).length > 0 ? open(process).positions.get(id) : undefined,
    next: nextOf,
    start: startOf,
    forget(process, before) {
      const log = open(process);
      const count = before - log.start;
      if (count <= 0) return;
      log.first ??= log.entries[0];
      for (const entry of log.entries.slice(0, count)) {
        if (entry !== log.first) log.positions.delete(idOf(entry));
      }
      log.entries = log.entries.slice(count);
      log.start = before;
      log.isOwn = true;
    },
    *processes() {
      yield* past.keys();
      for (const [process, { entries }] of logs) {
        if (entries.length > 0 && !past.has(process)) yield process;
      }
    },
    capture() {
      const changed = [...logs].filter(([, { isOwn }]) => isOwn);
      if (changed.length === 0) return past;
      past = new Map([...past, ...changed.map(([id, log]) => [id, log.entries] as const)]);
      for (const [, log] of changed) log.isOwn = false;
      return past;
    },
  };
}

export function createMemoryLease(): Lease {
  const holders = new Map<string, string>();
  return {
    acquire(process, holder) {
      const held = holders.get(process) ?? holder;
      holders.set(process, held);
      return held;
    },
    release(process, holder) {
      if (holders.get(process) === holder) holders.delete(process);
    },
  };
}

export interface MemoryCheckpoints extends Checkpoints {
  capture(): ReadonlyMap<string, SavedState>;
}

/** The state of a process is here only while the process is not awake. */
export function createMemoryCheckpoints(
  captured: ReadonlyMap<string, SavedState> = new Map(),
): MemoryCheckpoints {
  const states = new Map(captured);
  const kept = new Set<string>();
  return {
    lasting: false,
    put: (process, state) => void states.set(process, state),
    take(process) {
      const state = states.get(process);
      if (!kept.has(process)) states.delete(process);
      return state;
    },
    keep(process, state) {
      kept.add(process);
      states.set(process, state);
    },
    has: (process) => states.has(process),
    capture: () => new Map(states),
  };
}

export interface MemoryJobs<Job> extends Jobs<Job> {
  /** What waits, oldest first. */
  capture(): readonly Job[];
}

/** First in, first out: the order in which messages were sent is the order of their delivery. */
export function createMemoryJobs<Job>(): MemoryJobs<Job> {
  const queue: Job[] = [];
  let head = 0;
  return {
    add(jobs) {
      for (const job of jobs) queue.push(job);
    },
    take() {
      if (head === queue.length || head === QUEUE_SLACK) {
        queue.splice(0, head);
        head = 0;
      }
      return queue[head] === undefined ? undefined : queue[head++];
    },
    get size() {
      return queue.length - head;
    },
    capture: () => queue.slice(head),
  };
}

/** Jobs that are done and still in the array: cutting them off one by one would cost more. */
const QUEUE_SLACK = 1024;
