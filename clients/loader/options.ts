/**
 * The options that suites give to ao-loader, and two of Corral's own. Those that name an encoding or
 * an extension are taken and change nothing.
 */
import { DEFAULT_LIMITS } from '../../actors/limits.js';
import type { MachineLimits } from '../../actors/lua/limits.js';
import type { WasmLimits } from '../../actors/wasm/machine.js';
import { ClientError } from '../errors.js';

export interface LoaderTag {
  readonly name: string;
  readonly value: string;
}

/** Who a process or a module is, as the options `spawn` and `module` tell it. */
export interface LoaderOrigin {
  readonly id?: string;
  readonly owner?: string;
  readonly tags?: readonly LoaderTag[];
}

export interface LoaderOptions {
  /** Bytes of memory that a process may have. @default and, for the kernel, at most a network's */
  readonly memoryLimit?: string | number;
  /** Lua instructions that a message may take, at most a network's; for a binary its gas. */
  readonly computeLimit?: string | number;
  /**
   * 'binary' to run the module that is given, for suites whose module is no aos. Its `format` is told
   * by its imports if it is not given. @default 'kernel', Corral's own
   */
  readonly program?: 'kernel' | 'binary';
  readonly format?: string;
  /**
   * True to undo a message that fails, as a compute unit does; ao-loader gives the memory that it
   * left. @default false
   */
  readonly rollback?: boolean;
  /** The process and its module, for calls of `handle` that give no environment. */
  readonly spawn?: LoaderOrigin;
  readonly module?: LoaderOrigin;
  /** Whatever else a suite gives. */
  readonly [option: string]: unknown;
}

/** The second argument of the kernel's `handle`. */
export interface LoaderEnvironment {
  readonly Process: {
    readonly Id: string;
    readonly Owner: string;
    readonly Tags: readonly LoaderTag[];
  };
  readonly Module?: {
    readonly Id?: string;
    readonly Owner?: string;
    readonly Tags?: readonly LoaderTag[];
  };
  readonly [field: string]: unknown;
}

/** Limits of the kernel. @throws {BAD_OPTION} */
export function readLimits({ memoryLimit, computeLimit }: LoaderOptions): MachineLimits {
  const { memoryBytes, instructions } = DEFAULT_LIMITS;
  return {
    memoryBytes: Math.min(memoryBytes, readNumber('memoryLimit', memoryLimit) ?? memoryBytes),
    instructions: Math.min(instructions, readNumber('computeLimit', computeLimit) ?? instructions),
  };
}

/**
 * Limits of a binary: its memory is as given, because modules begin with more than a network allows
 * a Lua process, and `computeLimit` is the gas of metered formats.
 *
 * @throws {BAD_OPTION}
 */
export function readBinaryLimits({ memoryLimit, computeLimit }: LoaderOptions): WasmLimits {
  const gas = readNumber('computeLimit', computeLimit);
  return {
    memoryBytes: readNumber('memoryLimit', memoryLimit) ?? BINARY_MEMORY,
    instructions: DEFAULT_LIMITS.instructions,
    ...(gas !== undefined && { gas }),
  };
}

/** What AO's compute units allow: the value of Memory-Limit that modules commonly have. */
const BINARY_MEMORY = 1024 * 1024 * 1024;

const UNITS = { memoryLimit: 'bytes', computeLimit: 'Lua instructions (a binary: gas)' } as const;

function readNumber(
  option: keyof typeof UNITS,
  value: string | number | undefined,
): number | undefined {
  if (value === undefined) return undefined;
  const number = Math.floor(Number(value)); // suites give 9e22, to say that they do not care
  if (number > 0) return number;
  throw new ClientError('BAD_OPTION', `${option} is "${value}", not a positive number`, {
    hint: `Give ${option} in ${UNITS[option]}, as a number or as its decimal digits.`,
    details: { [option]: value },
  });
}

/** The environment of calls that give none. */
export function environmentOf({ spawn = {}, module = {} }: LoaderOptions): LoaderEnvironment {
  return {
    Process: { Id: spawn.id ?? '', Owner: spawn.owner ?? '', Tags: spawn.tags ?? [] },
    Module: { Id: module.id ?? '', Owner: module.owner ?? '', Tags: module.tags ?? [] },
  };
}
