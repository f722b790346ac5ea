/**
 * Checkers: what must hold in every run, each an idea of its own that watches and never acts.
 */
import type { Evaluation } from '../../actors/compute/evaluation.js';
import type { Network } from '../network.js';

export interface Checker {
  /** Names what must hold, e.g. `wAR is conserved`. */
  readonly name: string;
  /** Begins to watch one run. */
  watch(network: Network): Watch | Promise<Watch>;
}

/** What throws is a violation; a `Violation` says it best. */
export interface Watch {
  /** A process was given a message or a cron. Called at once, in the middle of everything. */
  evaluated?(evaluation: Evaluation): void;
  /** Nothing moves: after each action, and with a manual crank after each delivery. */
  rested?(): void | Promise<void>;
  /** Everything is over: faults are cleared, and all that waited was delivered. */
  ended?(): void | Promise<void>;
}

/** Something that must hold does not. */
export class Violation extends Error {
  override readonly name = 'Violation';
}
