/**
 * The ports of a network: in memory, or in the records of a gateway whose store lasts. In memory the
 * log of assignments is read from the gateway, which may have been used before; in a store it has a
 * copy of its own, so that a network opens without reading what it does not need.
 */
import type { Gateway } from '../arlocal/gateway.js';
import type { Records } from '../arlocal/records.js';
import { type Evaluation, evaluationId } from './compute/evaluation.js';
import { createDurableBacklog } from './durable/durable-backlog.js';
import { createDurableCheckpoints } from './durable/durable-checkpoints.js';
import { createDurableLog } from './durable/durable-log.js';
import { createDurableNotices } from './durable/durable-notices.js';
import { createDurableTable } from './durable/durable-table.js';
import { assignmentForm, evaluationForm } from './durable/entry-forms.js';
import {
  createMemoryCheckpoints,
  createMemoryJobs,
  createMemoryLog,
  type MemoryJobs,
} from './memory-ports.js';
import type { Backlog } from './messenger/backlog.js';
import { createMemoryNotices, type Notices } from './messenger/notices.js';
import type { Parcel } from './messenger/parcel.js';
import type { Checkpoints, Log, LogEntry, Table } from './ports.js';
import { readLogs } from './scheduler/replay.js';
import type { PortsState } from './state/network-state.js';

export interface NetworkPorts {
  /** Assignments. */
  readonly log: Log<LogEntry>;
  readonly results: Log<Evaluation>;
  readonly checkpoints: Checkpoints;
  readonly jobs: MemoryJobs<Parcel>;
  readonly backlog: Backlog | undefined;
  readonly notices: Notices;
  /** Messages that were evaluated and whose outbox nobody has sent: `process:nonce`. */
  readonly unsent: Table<true>;
  /** Monitored processes, and how many evaluations of each are dealt with. */
  readonly monitors: Table<number>;
  /** Processes with crons that time makes due. */
  readonly timed: Table<true>;
  /** Anchors that each wallet has used, and the moment of the last message. */
  readonly counters: Table<number>;
  /** All that they hold, but for the jobs that wait; absent where it lasts by itself. */
  capture?(): PortsState;
}

/**
 * @param scheduler address of the scheduler unit
 * @param state what the ports of another network captured, to go on from in memory
 */
export function createPorts(gateway: Gateway, scheduler: string, state?: PortsState): NetworkPorts {
  const { records } = gateway;
  if (records) return createDurablePorts(records);
  return createMemoryPorts(state ?? { ...NOTHING, log: readLogs(gateway, scheduler).capture() });
}

const NOTHING: Omit<PortsState, 'log'> = {
  results: new Map(),
  checkpoints: new Map(),
  notices: new Map(),
  unsent: new Map(),
  monitors: new Map(),
  timed: new Map(),
  counters: new Map(),
};

function createMemoryPorts(state: PortsState): NetworkPorts {
  const log = createMemoryLog<LogEntry>(({ messageId }) => messageId, state.log);
  const results = createMemoryLog<Evaluation>(evaluationId, state.results);
  const checkpoints = createMemoryCheckpoints(state.checkpoints);
  const jobs = createMemoryJobs<Parcel>();
  const notices = createMemoryNotices(state.notices);
  const unsent = new Map(state.unsent);
  const monitors = new Map(state.monitors);
  const timed = new Map(state.timed);
  const counters = new Map(state.counters);
  return {
    ...{ log, results, checkpoints, jobs, notices, unsent, monitors, timed, counters },
    backlog: undefined,
    capture: () => ({
      log: log.capture(),
      results: results.capture(),
      checkpoints: checkpoints.capture(),
      notices: notices.capture(),
      unsent: new Map(unsent),
      monitors: new Map(monitors),
      timed: new Map(timed),
      counters: new Map(counters),
    }),
  };
}

function createDurablePorts(records: Records): NetworkPorts {
  return {
    log: createDurableLog(records.journal('assignments'), assignmentForm),
    results: createDurableLog(records.journal('results'), evaluationForm),
    checkpoints: createDurableCheckpoints(records),
    jobs: createMemoryJobs<Parcel>(),
    backlog: createDurableBacklog(records),
    notices: createDurableNotices(records),
    unsent: createDurableTable(records, 'unsent'),
    monitors: createDurableTable(records, 'monitors'),
    timed: createDurableTable(records, 'timed'),
    counters: createDurableTable(records, 'counters'),
  };
}
