/**
 * The way back when a message fails, the same for every kind of machine.
 *
 * A failed message must leave no trace in memory. Copying the memory before each message would cost
 * more than the message itself, so a state is saved every few messages, and a failure restores it and
 * evaluates again what succeeded since. The interval adapts: it doubles while all goes well and is
 * back at one after a failure, so that a storm of errors costs one restore each. It is over sooner
 * where messages are dear: what one failure evaluates again is bounded in cost too.
 */
import type { Input } from './actor.js';
import type { EvaluationResult } from './result.js';

/** A machine that can be brought back to a state that it saved. */
export interface Rewindable<State> {
  /** Evaluates a message; never throws. */
  attempt(message: Input): Attempt;
  /** The state now. @param last the state saved before, for what did not change since */
  save(last: State): State;
  restore(state: State): void;
  /** Asked before the way back; what it answers is told the state at its end, to put right what stays. */
  outlast?(): (state: State) => State;
}

export interface Attempt {
  readonly result: EvaluationResult;
  /** In the unit of `costMax`. */
  readonly cost: number;
  /** Evaluates the same again from the state of before. */
  readonly again: () => void;
}

export interface RollbackOptions {
  /** Messages between two saved states, at first and at most. */
  readonly interval: number;
  readonly intervalMax: number;
  /** What those messages may cost together. */
  readonly costMax: number;
}

export interface Rollback<State> {
  /** If it fails, the memory is as before. */
  evaluate(message: Input): EvaluationResult;
  /** The memory is as before whatever happens. */
  dryRun(message: Input): EvaluationResult;
  /** The state after all that succeeded. */
  settle(): State;
}

/** @param begun the state that the machine is in */
export function createRollback<State>(
  machine: Rewindable<State>,
  begun: State,
  { interval: first, intervalMax, costMax }: RollbackOptions,
): Rollback<State> {
  let saved = begun;
  let interval = first;
  let since: (() => void)[] = [];
  let cost = 0;

  const settle = () => {
    if (since.length > 0) saved = machine.save(saved);
    since = [];
    cost = 0;
    return saved;
  };
  const rollBack = () => {
    const putRight = machine.outlast?.();
    machine.restore(saved);
    for (const again of since) again();
    settle();
    if (putRight) saved = putRight(saved);
    interval = 1;
  };
  return {
    evaluate(message) {
      const attempt = machine.attempt(message);
      if (attempt.result.error) {
        rollBack();
        return attempt.result;
      }
      since.push(attempt.again);
      cost += attempt.cost;
      if (since.length >= interval || cost >= costMax) {
        settle();
        interval = Math.min(intervalMax, interval * 2);
      }
      return attempt.result;
    },
    dryRun(message) {
      settle();
      const { result } = machine.attempt(message);
      machine.restore(saved);
      return result;
    },
    settle,
  };
}
