/**
 * Bounds of one process: how much memory it may have, how long a message may take. Both are counted,
 * not timed, so that a program meets them at the same place on every machine.
 */
import { MachineError } from './errors.js';
import { MEMORY_MAX, MEMORY_MIN, WASM_PAGE } from './layout.js';

export interface MachineLimits {
  /** Most bytes of memory, 2 MiB to 2 GiB, in steps of 64 KiB; the image must fit in. */
  readonly memoryBytes: number;
  /** Most gas for one message: about one unit per Lua instruction, see meter.ts. */
  readonly instructions: number;
}

const DEFAULT_LIMITS: MachineLimits = { memoryBytes: 512 * 1024 * 1024, instructions: 1e9 };

/**
 * Fills in and checks the limits of a machine.
 *
 * @param imageEnd end of the image's heap, in bytes
 * @throws {BAD_LIMIT}
 */
export function resolveLimits(given: Partial<MachineLimits>, imageEnd: number): MachineLimits {
  const limits = { ...DEFAULT_LIMITS, ...given };
  const { memoryBytes, instructions } = limits;
  const least = Math.max(MEMORY_MIN, imageEnd + WASM_PAGE);
  if (!(memoryBytes >= least && memoryBytes <= MEMORY_MAX)) {
    throw new MachineError('BAD_LIMIT', `memoryBytes is ${memoryBytes}`, {
      hint: `Give a number from ${least} to ${MEMORY_MAX}.`,
    });
  }
  if (!(Number.isSafeInteger(instructions) && instructions > 0)) {
    throw new MachineError('BAD_LIMIT', `instructions is ${instructions}`, {
      hint: 'Give a positive whole number.',
    });
  }
  return limits;
}
