/**
 * A gate before evaluations: who watches a process, such as a debugger, looks at what it is about to
 * be given, and may have it wait. The evaluation itself is as it would have been.
 */
import type { Input } from './progress.js';

/** A message or a cron that a process is about to be given; all before it is evaluated. */
export interface Upcoming {
  readonly process: string;
  /** Number that the evaluation will have in the life of the process. */
  readonly index: number;
  readonly input: Input;
  /** Byte form of the state before it. */
  readonly memory: () => Uint8Array | Promise<Uint8Array>;
}

/** @returns what to wait for; undefined lets it through at once */
export type Gate = (upcoming: Upcoming) => Promise<void> | undefined;
