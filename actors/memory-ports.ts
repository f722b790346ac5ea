/**
 * The embedded implementations of the ports: plain maps and arrays in memory. Nothing in them is lost
 * that cannot be read back from the gateway (see replay.ts).
 */
import type { Checkpoints, Jobs, Lease, Log, SavedState } from './ports.js';

/** A log in memory; `idOf` names the entries, and a name can be taken only once per process. */
export function createMemoryLog<Entry>(idOf: (entry: Entry) => string): Log<Entry> {
  const logs = new Map<string, { entries: Entry[]; positions: Map<string, number> }>();
  return {
    append(process, expected, entries) {
      const log = logs.get(process) ?? { entries: [] as Entry[], positions: new Map() };
      if (log.entries.length !== expected) return { kind: 'stale', next: log.entries.length };
      const ids = entries.map(idOf);
      const duplicate = ids.find((id, i) => log.positions.has(id) || ids.indexOf(id) !== i);
      if (duplicate !== undefined) return { kind: 'duplicate', id: duplicate };
      for (const entry of entries) {
        log.positions.set(idOf(entry), log.entries.length);
        log.entries.push(entry);
      }
      logs.set(process, log);
      return { kind: 'appended' };
    },
    read: (process, from, to) => logs.get(process)?.entries.slice(Math.max(0, from), to) ?? [],
    at: (process, position) => logs.get(process)?.entries[position],
    find: (process, id) => logs.get(process)?.positions.get(id),
    next: (process) => logs.get(process)?.entries.length ?? 0,
    processes: () => logs.keys(),
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

/** The state of a process is here only while the process is not awake. */
export function createMemoryCheckpoints(): Checkpoints {
  const states = new Map<string, SavedState>();
  return {
    lasting: false,
    put: (process, state) => void states.set(process, state),
    take(process) {
      const state = states.get(process);
      states.delete(process);
      return state;
    },
  };
}

/** First in, first out: the order in which messages were sent is the order of their delivery. */
export function createMemoryJobs<Job>(): Jobs<Job> {
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
  };
}

/** Jobs that are done and still in the array: cutting them off one by one would cost more. */
const QUEUE_SLACK = 1024;
