/**
 * An actor on a Lua machine, and the way back when a message fails.
 *
 * A failed message must leave no trace in memory. Copying the memory before each message would cost
 * more than the message itself, so a checkpoint is taken every few messages, and a failure restores
 * it and evaluates again what succeeded since. The interval adapts: it doubles while all goes well
 * and is back at one after a failure, so that a storm of errors costs one restore each. It is over
 * sooner where messages are dear: what one failure evaluates again is bounded in gas too.
 */

import { reportError } from '../errors.js';
import { encodeCheckpoint } from '../lua/checkpoint.js';
import type { Device } from '../lua/device.js';
import type { MemoryImage } from '../lua/image.js';
import { createMachine, type LuaMachine } from '../lua/machine.js';
import { packCheckpoint, unpackCheckpoint } from '../lua/packed-checkpoint.js';
import type { Actor, Input } from './actor.js';
import { type EvaluationResult, failedResult, readReply } from './result.js';

/** Messages between two checkpoints when nothing fails: bounds what a failure evaluates again. */
const INTERVAL_MAX = 64;

/** Gas between two checkpoints, which a failure may use again: half a second of Lua. */
export const INTERVAL_GAS = 50_000_000;

export interface LuaActorOptions {
  readonly image: MemoryImage;
  /** Second argument of `handle`. */
  readonly environment: string;
  readonly limits: { readonly memoryBytes: number; readonly instructions: number };
  /** With one that is not cheap, a checkpoint follows every message: evaluating again is too dear. */
  readonly devices?: readonly Device[];
  /** What `checkpoint` gave, to go on from; the module's image without it. */
  readonly checkpoint?: Uint8Array | undefined;
}

/** @throws {CHECKPOINT_FOREIGN, CHECKPOINT_INVALID} */
export function createLuaActor(options: LuaActorOptions): Actor {
  const { image, environment, limits, devices = [] } = options;
  const checkpoint = options.checkpoint && unpackCheckpoint(options.checkpoint, image);
  const machine = createMachine(image, { limits, devices, ...(checkpoint && { checkpoint }) });
  const intervalMax = devices.every(({ isCheap }) => isCheap) ? INTERVAL_MAX : 1;
  let base = checkpoint ?? machine.checkpoint();
  let interval = intervalMax;
  let since: Input[] = [];
  let gas = 0;

  const settle = () => {
    if (since.length > 0) base = machine.checkpoint();
    since = [];
    gas = 0;
  };
  const rollBack = () => {
    machine.restore(base);
    for (const { json, timestampMs } of since) machine.evaluate(json, environment, timestampMs);
    settle();
    interval = 1;
  };
  return {
    evaluate(message) {
      const result = attempt(machine, message, environment);
      if (result.error) {
        rollBack();
        return result;
      }
      since.push(message);
      gas += result.gas;
      if (since.length >= interval || gas >= INTERVAL_GAS) {
        settle();
        interval = Math.min(intervalMax, interval * 2);
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
      return packCheckpoint(base, image);
    },
    memory() {
      settle();
      return encodeCheckpoint(base);
    },
    hash: () => machine.hash(),
    dispose: () => machine.dispose(),
  };
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
