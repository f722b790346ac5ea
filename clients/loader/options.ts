/**
 * The options that suites give to ao-loader. Those that name a format, an encoding or an extension
 * concern the binary, which does not run here; they are taken and change nothing.
 */
import { DEFAULT_LIMITS } from '../../actors/limits.js';
import type { MachineLimits } from '../../actors/lua/limits.js';
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
  /** Bytes of memory that a process may have. @default and at most what a network allows */
  readonly memoryLimit?: string | number;
  /** Lua instructions that a message may take. @default and at most what a network allows */
  readonly computeLimit?: string | number;
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

/** @throws {BAD_OPTION} */
export function readLimits({ memoryLimit, computeLimit }: LoaderOptions): MachineLimits {
  const { memoryBytes, instructions } = DEFAULT_LIMITS;
  return {
    memoryBytes: Math.min(memoryBytes, readNumber('memoryLimit', memoryLimit) ?? memoryBytes),
    instructions: Math.min(instructions, readNumber('computeLimit', computeLimit) ?? instructions),
  };
}

function readNumber(option: string, value: string | number | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Math.floor(Number(value)); // suites give 9e22, to say that they do not care
  if (number > 0) return number;
  throw new ClientError('BAD_OPTION', `${option} is "${value}", not a positive number`, {
    hint: `Give ${option} as a number, or as its decimal digits.`,
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
