/** What a message has been through since it was sent: a plain value that travels with it. */
import type { FaultNote } from './rule.js';

export interface Journey {
  /** Place in the order of sending ... */
  readonly place: number;
  /** ... and among those that one delivery was taken apart into. */
  readonly part: number;
  readonly sentMs: number;
  /** Numbers of the rules that have let it through: they do not look at it again. */
  readonly passed: readonly number[];
  /** Moments up to which delays keep it back, by the numbers of their rules. */
  readonly dues: readonly (readonly [rule: number, dueMs: number])[];
  /** Younger messages that were delivered before it. */
  readonly overtaken: number;
  readonly notes: readonly FaultNote[];
  /** True for one that never arrives. */
  readonly isLost?: boolean;
}

/** Why a message waits: what has to happen before it goes on. */
export type WaitReason =
  | 'step'
  | 'held'
  | 'partitioned'
  | 'delayed'
  | 'su-down'
  | 'mu-down'
  | 'cu-down'
  | 'process-down'
  | 'busy';
