/**
 * An actor: one living process, whatever kind of machine it runs on. It answers messages one at a
 * time, and its whole state can be taken as bytes and brought to life elsewhere.
 */
import type { EvaluationResult } from './result.js';

/** A message as the machine takes it. */
export interface Input {
  readonly json: string;
  readonly timestampMs: number;
}

export interface Actor {
  /** Never throws: what goes wrong is the result's error, and the memory is as before. */
  evaluate(message: Input): EvaluationResult;
  /** As `evaluate`, and the memory is as before whatever happens. */
  dryRun(message: Input): EvaluationResult;
  /** What it takes to go on from here with another machine of the same program; small. */
  checkpoint(): Uint8Array;
  /** The state byte by byte: equal for equal histories. */
  memory(): Uint8Array;
  /** SHA-256 of the state. */
  hash(): string;
  dispose(): void;
}
