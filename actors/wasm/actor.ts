/**
 * An actor whose code is a WebAssembly module.
 *
 * @divergence the clock that a module reads goes on after a failed message, as it does under
 *   ao-loader; files that the message wrote are gone
 */
import { createHash } from 'node:crypto';
import { type Actor, type Input, otherMachine, type SavedMemory } from '../compute/actor.js';
import { type EvaluationResult, failedResult, readReply } from '../compute/result.js';
import { createRollback } from '../compute/rollback.js';
import { reportError } from '../errors.js';
import {
  captureState,
  checkMemory,
  encodeState,
  packState,
  resumeState,
  unpackState,
  type WasmState,
} from './checkpoint.js';
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
  readonly checkpoint?: SavedMemory | undefined;
}

/** @throws {CHECKPOINT_FOREIGN, CHECKPOINT_INVALID} */
export function createWasmActor(options: WasmActorOptions): Actor {
  const { engine, environment, limits, drive } = options;
  const machine = createWasmMachine(engine, limits, drive);
  const begun = options.checkpoint && readSaved(options.checkpoint, engine, machine);
  if (begun) machine.restore(begun);
  const rollback = createRollback<WasmState>(
    {
      attempt(message) {
        const { clock } = machine;
        const attempted = attempt(machine, message, environment);
        const result = { ...attempted, memory: machine.memoryBytes };
        const again = () => {
          machine.clock = clock;
          machine.evaluate(message.json, environment, message.timestampMs);
        };
        return { result, cost: machine.units, again };
      },
      save: ({ snapshot }) => machine.update(snapshot),
      restore: (state) => machine.restore(state),
      outlast() {
        const { clock } = machine;
        return (state) => {
          machine.clock = clock;
          return { ...state, clock };
        };
      },
    },
    begun ?? machine.update(shareSnapshot(engine.image)),
    // The first message of most modules is the dearest of all.
    { interval: 1, intervalMax: INTERVAL_MAX, costMax: UNITS_MAX },
  );
  return {
    evaluate: rollback.evaluate,
    dryRun: rollback.dryRun,
    checkpoint: () => packState(engine, rollback.settle()),
    capture: () => ({ kind: 'wasm', state: captureState(engine, rollback.settle()) }),
    inspect: () => ({ kind: 'foreign' }),
    hash: () =>
      createHash('sha256').update(encodeState(engine, rollback.settle())).digest('base64url'),
    memory: () => machine.memory(),
    dispose: () => machine.dispose(),
  };
}

/** @throws {CHECKPOINT_FOREIGN, CHECKPOINT_INVALID} */
function readSaved(saved: SavedMemory, engine: WasmEngine, machine: WasmMachine): WasmState {
  if (saved instanceof Uint8Array) return unpackState(engine, saved);
  if (saved.kind === 'wasm') return resumeState(engine, saved.state);
  if (saved.kind === 'whole') return machine.stateOf(checkMemory(engine, saved.memory));
  throw otherMachine(saved.kind);
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
