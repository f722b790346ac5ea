/** An actor on a Lua machine: messages in, results out, and the way back when one fails. */

import { reportError } from '../errors.js';
import { type Checkpoint, encodeCheckpoint } from '../lua/checkpoint.js';
import type { Device } from '../lua/device.js';
import type { MemoryImage } from '../lua/image.js';
import { inspect } from '../lua/inspect.js';
import type { LineHook } from '../lua/line-hook.js';
import { createMachine, type LuaMachine } from '../lua/machine.js';
import { packCheckpoint, unpackCheckpoint } from '../lua/packed-checkpoint.js';
import { type Actor, type Input, otherMachine, type SavedMemory } from './actor.js';
import { type EvaluationResult, failedResult, readReply } from './result.js';
import { createRollback } from './rollback.js';

/** Messages between two checkpoints when nothing fails: bounds what a failure evaluates again. */
const INTERVAL_MAX = 256;

/** Gas between two checkpoints, which a failure may use again: half a second of Lua. */
export const INTERVAL_GAS = 50_000_000;

export interface LuaActorOptions {
  readonly image: MemoryImage;
  /** Second argument of `handle`. */
  readonly environment: string;
  readonly limits: { readonly memoryBytes: number; readonly instructions: number };
  /** With one that is not cheap, a checkpoint follows every message: evaluating again is too dear. */
  readonly devices?: readonly Device[];
  /** What `checkpoint` or `capture` gave, to go on from; the module's image without it. */
  readonly checkpoint?: SavedMemory | undefined;
  /** Told of each line, but for what is evaluated again after a failure. */
  readonly watch?: LineHook | undefined;
}

/** @throws {CHECKPOINT_FOREIGN, CHECKPOINT_INVALID} */
export function createLuaActor(options: LuaActorOptions): Actor {
  const { image, environment, limits, devices = [] } = options;
  const checkpoint = options.checkpoint && readSaved(options.checkpoint, image);
  const watch = options.watch && createFirstTime(options.watch);
  const machine = createMachine(image, {
    limits,
    devices,
    ...(checkpoint && { checkpoint }),
    ...(watch && { watch: watch.hook }),
  });
  const intervalMax = devices.every(({ isCheap }) => isCheap) ? INTERVAL_MAX : 1;
  const rollback = createRollback<Checkpoint>(
    {
      attempt(message) {
        const attempted = attempt(machine, message, environment);
        const result = { ...attempted, memory: machine.memoryBytes };
        const { json, timestampMs } = message;
        const again = () => void machine.evaluate(json, environment, timestampMs);
        return { result, cost: result.gas, again: watch ? () => watch.pause(again) : again };
      },
      save: (last) => machine.checkpoint(last),
      restore: (state) => machine.restore(state),
    },
    checkpoint ?? machine.checkpoint(),
    { interval: intervalMax, intervalMax, costMax: INTERVAL_GAS },
  );
  return {
    evaluate: rollback.evaluate,
    dryRun: rollback.dryRun,
    checkpoint: () => packCheckpoint(rollback.settle(), image),
    capture: () => ({ kind: 'lua', checkpoint: rollback.settle() }),
    inspect(path) {
      const state = rollback.settle();
      try {
        return machine.lend((instance, lua) => inspect(instance, lua, path));
      } finally {
        machine.restore(state);
      }
    },
    memory: () => encodeCheckpoint(rollback.settle()),
    hash: () => machine.hash(),
    dispose: () => machine.dispose(),
  };
}

/** A hook that hears nothing of what is evaluated again. */
function createFirstTime(watch: LineHook) {
  let isAgain = false;
  const hook: LineHook = (...entered) => {
    if (!isAgain) watch(...entered);
  };
  const pause = (again: () => void) => {
    isAgain = true;
    try {
      again();
    } finally {
      isAgain = false;
    }
  };
  return { hook, pause };
}

/** @throws {CHECKPOINT_FOREIGN, CHECKPOINT_INVALID} */
function readSaved(saved: SavedMemory, image: MemoryImage): Checkpoint {
  if (saved instanceof Uint8Array) return unpackCheckpoint(saved, image);
  if (saved.kind === 'lua') return saved.checkpoint;
  throw otherMachine(saved.kind);
}

const NO_MEMORY = 'not enough memory';

/** Lua says that there is no memory; this adds how much there may be, and what was asked for. */
function nameLimit(
  result: EvaluationResult,
  refused: LuaMachine['memoryRefused'],
): EvaluationResult {
  const { error } = result;
  if (!error || !refused || !error.text.includes(NO_MEMORY)) return result;
  const { limit, got } = refused;
  const bound = `${NO_MEMORY} (MEMORY_LIMIT: ${limit} bytes, and ${got} were asked for)`;
  const text = error.text.replace(NO_MEMORY, bound);
  const value = typeof error.value === 'string' ? error.value.replace(NO_MEMORY, bound) : text;
  const hint = 'Raise Memory-Limit of the module, or keep less state.';
  return { ...result, error: { ...error, code: 'MEMORY_LIMIT', hint, value, text, limit, got } };
}

function attempt(machine: LuaMachine, message: Input, environment: string): EvaluationResult {
  try {
    const reply = machine.evaluate(message.json, environment, message.timestampMs);
    return nameLimit(readReply(reply, machine.instructionsUsed), machine.memoryRefused);
  } catch (error) {
    const report = reportError(error, 'EVALUATION_FAILED');
    return failedResult({ ...report, value: report.text }, machine.instructionsUsed);
  }
}
