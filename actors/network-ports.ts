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
import { createMemoryCheckpoints, createMemoryJobs, createMemoryLog } from './memory-ports.js';
import type { Backlog } from './messenger/backlog.js';
import type { Job } from './messenger/delivery.js';
import { createMemoryNotices, type Notices } from './messenger/notices.js';
import type { Checkpoints, Jobs, Log, LogEntry, Table } from './ports.js';
import { readLogs } from './scheduler/replay.js';

export interface NetworkPorts {
  /** Assignments. */
  readonly log: Log<LogEntry>;
  readonly results: Log<Evaluation>;
  readonly checkpoints: Checkpoints;
  readonly jobs: Jobs<Job>;
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
}

/** @param scheduler address of the scheduler unit */
export function createPorts(gateway: Gateway, scheduler: string): NetworkPorts {
  const { records } = gateway;
  return records ? createDurablePorts(records) : createMemoryPorts(readLogs(gateway, scheduler));
}

function createMemoryPorts(log: Log<LogEntry>): NetworkPorts {
  return {
    log,
    results: createMemoryLog<Evaluation>(evaluationId),
    checkpoints: createMemoryCheckpoints(),
    jobs: createMemoryJobs<Job>(),
    backlog: undefined,
    notices: createMemoryNotices(),
    unsent: new Map(),
    monitors: new Map(),
    timed: new Map(),
    counters: new Map(),
  };
}

function createDurablePorts(records: Records): NetworkPorts {
  return {
    log: createDurableLog(records.journal('assignments'), assignmentForm),
    results: createDurableLog(records.journal('results'), evaluationForm),
    checkpoints: createDurableCheckpoints(records),
    jobs: createMemoryJobs<Job>(),
    backlog: createDurableBacklog(records),
    notices: createDurableNotices(records),
    unsent: createDurableTable(records, 'unsent'),
    monitors: createDurableTable(records, 'monitors'),
    timed: createDurableTable(records, 'timed'),
    counters: createDurableTable(records, 'counters'),
  };
}
