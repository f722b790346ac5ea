/**
 * The memory of a process that was adopted, as another compute unit gave it: the messages in it were
 * evaluated there, so that nothing of their results is known here, and nothing of them is sent.
 */
import type { Log, LogEntry, SavedState } from '../ports.js';
import type { Moment } from '../scheduler/cron.js';
import type { SavedMemory } from './actor.js';
import type { Evaluation } from './evaluation.js';
import type { EvaluationResult } from './result.js';

/** A memory, and the last message in it. */
export interface AdoptedState extends Moment {
  readonly memory: SavedMemory;
  readonly nonce: number;
}

export interface ElsewherePorts {
  readonly log: Log<LogEntry>;
  readonly results: Log<Evaluation>;
  readonly checkpoints: { put(process: string, state: SavedState): void };
}

const RESULT: EvaluationResult = {
  messages: [],
  spawns: [],
  assignments: [],
  output: '',
  gas: 0,
  elsewhere: true,
};

/** Has a process go on from that memory; nothing of it may have been evaluated here. */
export function putState(
  { log, results, checkpoints }: ElsewherePorts,
  process: string,
  { memory, nonce: last, timestampMs, blockHeight }: AdoptedState,
): void {
  const evaluations = log.read(process, 0, last + 1).map((entry, index): Evaluation => {
    const { nonce, messageId: message } = entry;
    // Crons after the last message are in the memory as well.
    const at = nonce === last ? { timestampMs, blockHeight } : entry;
    const moment = {
      timestampMs: Math.max(at.timestampMs, entry.timestampMs),
      blockHeight: Math.max(at.blockHeight, entry.blockHeight),
    };
    return { process, index, nonce, message, ...moment, result: RESULT };
  });
  results.append(process, 0, evaluations);
  checkpoints.put(process, { evaluations: evaluations.length, checkpoint: memory });
}
