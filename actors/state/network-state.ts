/**
 * The state of a whole network: plain values that can be cloned, stored and sent, and that nobody
 * changes any more. Any number of networks can go on from one, each for itself. What they share they
 * share by reference: what did not change between two states is in both of them the same.
 */
import type { StoreState } from '../../arlocal/store.js';
import type { Evaluation } from '../compute/evaluation.js';
import type { RulesState } from '../faults/rules.js';
import type { Limits } from '../limits.js';
import type { LogState } from '../memory-ports.js';
import type { HaltedState, JobState } from '../messenger/job-state.js';
import type { NoticesState } from '../messenger/notices.js';
import type { TraceState } from '../messenger/trace-state.js';
import type { LogEntry, SavedState } from '../ports.js';

/** What the ports of a network in memory hold. */
export interface PortsState {
  /** Assignments. */
  readonly log: LogState<LogEntry>;
  readonly results: LogState<Evaluation>;
  /** Memories of processes; one that has none here is replayed from its log. */
  readonly checkpoints: ReadonlyMap<string, SavedState>;
  readonly notices: NoticesState;
  readonly unsent: ReadonlyMap<string, true>;
  readonly monitors: ReadonlyMap<string, number>;
  readonly timed: ReadonlyMap<string, true>;
  readonly counters: ReadonlyMap<string, number>;
}

/** What a network found in its gateway when it began: evaluated again, it is no news. */
export interface History {
  /** Messages in the log of each process. */
  readonly lengths: ReadonlyMap<string, number>;
  readonly startMs: number;
}

export interface UnitsState extends PortsState {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly gateway: StoreState;
  readonly trace: TraceState;
  /** What waits to be delivered, in order. */
  readonly jobs: readonly JobState[];
  /** Messages sent so far while they could be kept from arriving: each knows its place among them. */
  readonly sent: number;
  /** What is scheduled, and waits for its evaluation. */
  readonly halted: readonly HaltedState[];
  readonly faults: RulesState;
  readonly history: History;
}

export interface NetworkState extends UnitsState {
  readonly seed: number | string;
  readonly crank: 'auto' | 'manual';
  readonly limits: Limits;
  /** Addresses that are known to be wallets. */
  readonly wallets: readonly string[];
}
