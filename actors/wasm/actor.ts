/**
 * An actor whose code is a WebAssembly module. The way back when a message fails is that of
 * actors/actor.ts: a checkpoint every few messages, and after a failure the good messages since are
 * evaluated again.
 *
 * @divergence the clock that a module reads goes on after a failed message, as it does under
 *   ao-loader; files that the message wrote are gone
 */
import { createHash } from 'node:crypto';
import type { Actor, Input } from '../compute/actor.js';
import { type EvaluationResult, failedResult, readReply } from '../compute/result.js';
import { reportError } from '../errors.js';
import { encodeState, packState, unpackState, type WasmState } from './checkpoint.js';
import type { WasmEngine } from './engine.js';
import type { Drive } from './guest.js';
import { createWasmMachine, type WasmLimits, type WasmMachine } from './machine.js';
import { shareSnapshot } from './memory.js';

/** Messages between two checkpoints when nothing fails: bounds what a failure evaluates again. */
const INTERVAL_MAX = 64;
/** What those messages may have cost together, in units of the meter: some tens of milliseconds. */
const UNITS_MAX = 4_000_000;

export interface WasmActorOptions {
  readonly engine: WasmEngine;
  /** Second argument of `handle`. */
  readonly environment: string;
  readonly limits: WasmLimits;
  /** What the process may read of the gateway. Without it, WeaveDrive opens nothing. */
  readonly drive?: Drive | undefined;
  /** State to go on from; the module's image without it. */
  readonly checkpoint?: Uint8Array | undefined;
}

interface Past {
  readonly message: Input;
  /** Clock before the message. */
  readonly clock: number;
}

export function createWasmActor(options: WasmActorOptions): Actor {
  const { engine, environment, limits, drive } = options;
  const machine = createWasmMachine(engine, limits, drive);
  const begun = options.checkpoint && unpackState(engine, options.checkpoint);
  if (begun) machine.restore(begun);
  let base: WasmState = begun ?? machine.update(shareSnapshot(engine.image));
  let interval = 1; // the first message of most modules is the dearest of all
  let since: Past[] = [];
  let units = 0;

  const settle = () => {
    if (since.length > 0) base = machine.update(base.snapshot);
    since = [];
    units = 0;
  };
  const rollBack = () => {
    const { clock } = machine;
    machine.restore(base);
    for (const past of since) {
      machine.clock = past.clock;
      machine.evaluate(past.message.json, environment, past.message.timestampMs);
    }
    settle();
    base = { ...base, clock };
    machine.clock = clock;
    interval = 1;
  };
  return {
    evaluate(message) {
      const { clock } = machine;
      const result = attempt(machine, message, environment);
      if (result.error) {
        rollBack();
        return result;
      }
      since.push({ message, clock });
      units += machine.units;
      if (since.length >= interval || units > UNITS_MAX) {
        settle();
        interval = Math.min(INTERVAL_MAX, interval * 2);
      }
      return result;
    },
    dryRun(message) {
      settle();
      const result = attempt(machine, message, environment);
      machine.restore(base);
      return result;
    },
    checkpoint() {
      settle();
      return packState(engine, base);
    },
    hash() {
      settle();
      return createHash('sha256').update(encodeState(engine, base)).digest('base64url');
    },
    memory: () => machine.memory(),
    dispose: () => machine.dispose(),
  };
}

function attempt(machine: WasmMachine, message: Input, environment: string): EvaluationResult {
  try {
    const reply = machine.evaluate(message.json, environment, message.timestampMs);
    // AO's compute unit takes 0 and the empty text for no error, and keeps the memory.
    return readReply(reply, machine.gasUsed, Boolean);
  } catch (error) {
    const { code, text, hint } = reportError(error, 'EVALUATION_FAILED');
    const failure = { code, value: text, text, ...(hint ? { hint } : {}) };
    return failedResult(failure, machine.gasUsed);
  }
}
