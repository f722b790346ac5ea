/** What a crank keeps, shared by its parts: following, queueing and delivering. */
import type { ComputeUnit } from '../compute/compute.js';
import type { Evaluation } from '../compute/evaluation.js';
import { reportError } from '../errors.js';
import type { Outages } from '../faults/outages.js';
import type { Rules } from '../faults/rules.js';
import type { Pace } from '../pace.js';
import type { Log, LogEntry, Table } from '../ports.js';
import type { SentPorts } from '../sent.js';
import type { Backlog, Follow } from './backlog.js';
import type { Carrier, Errand } from './delivery.js';
import type { Absent } from './missing.js';
import type { Notices } from './notices.js';
import type { Parcel } from './parcel.js';
import { refuse } from './refusing.js';
import type { Rest } from './rest.js';
import type { Cascade, Delivery } from './trace.js';

export interface CrankOptions extends Omit<Carrier, 'follow' | 'boot' | 'attempt' | 'keep'> {
  readonly compute: ComputeUnit;
  readonly outages: Outages;
  readonly rules: Rules;
  /** Assignments. */
  readonly log: Log<LogEntry>;
  readonly results: Log<Evaluation>;
  /** Keeps what a crash must not forget; without it a crash forgets all anyway. */
  readonly backlog?: Backlog | undefined;
  /** Evaluations of messages that nobody followed, by their keys: their outboxes may be sent yet. */
  readonly unsent: Table<true>;
  readonly notices: Notices;
  /** Processes that are brought here when something is sent to them. */
  readonly absent?: Absent | undefined;
  /** Lets others have the thread every few deliveries; without it the crank never pauses. */
  readonly pace?: Pace | undefined;
  /**
   * True to deliver nothing while an evaluation in this thread takes a breath: in virtual time it
   * takes no time, and the order of messages must not depend on who breathes.
   */
  readonly ordered: boolean;
}

/** A message under evaluation. */
export interface OpenFollow extends Follow {
  /** True while it keeps back what is queued. */
  keepsBack: boolean;
}

export interface CrankCore extends CrankOptions {
  readonly carrier: Carrier;
  readonly sent: SentPorts;
  /** Who waits until nothing, or nothing of a cascade, moves by itself. */
  readonly rest: Rest;
  readonly cascadeRest: Rest;
  /** Messages being evaluated whose outboxes are to be sent, by their keys. */
  readonly open: Set<string>;
  /** All messages being evaluated that somebody follows. */
  readonly follows: Set<OpenFollow>;
  /** Jobs for which the gateway behind was asked for what was missing. */
  readonly asked: WeakSet<Parcel>;
  /** What it is being asked for. */
  readonly asking: Set<Promise<void>>;
  /** How many want nothing delivered now. */
  holders: number;
  /** What the last turn of the crank delivered. */
  delivered: Delivery | undefined;
  running: boolean;
  /** Evaluations in this thread that take a breath, and keep back what is queued. */
  breathing: number;
  /** True until what is new has been made durable. */
  keeping: boolean;
  closed: boolean;
  /** Delivers what is queued. */
  readonly run: () => void;
}

/** Name of a message in the log of a process. */
export function keyOf(process: string, nonce: number): string {
  return `${process}:${nonce}`;
}

/** One entry that cannot be sent never keeps back the rest of the outbox. */
export function attempt(
  core: CrankCore,
  errand: Errand,
  delivery: Delivery,
  act: () => void,
): void {
  try {
    act();
  } catch (error) {
    survive(core, delivery, () => refuse(core, errand, delivery, error));
  }
}

/** A store that fails in the middle is an error of the delivery: nobody waits for the rest for ever. */
export function survive(core: CrankCore, delivery: Delivery, act: () => void): void {
  try {
    act();
  } catch (error) {
    const report = reportError(error, 'COMPUTE_FAILED', { process: delivery.target });
    core.trace.fail(delivery, report);
    core.emit({ type: 'error', error: report });
  }
}

/**
 * Makes what the gateway was given durable, once the others had the thread for a breath: so many
 * messages share one commit, and a crash loses at most the last breath and the commit under way.
 */
export function keep(core: CrankCore): void {
  if (core.keeping || core.gateway.records === undefined) return;
  core.keeping = true;
  core.gateway
    .durable()
    .catch((error) => {
      core.emit({ type: 'error', error: reportError(error, 'COMPUTE_FAILED') });
    })
    .finally(() => {
      core.keeping = false;
    });
}

export function release(cascade: Cascade): void {
  cascade.pending--;
  if (cascade.pending === 0) cascade.finish();
}
