/**
 * Errors of the Lua machine. Two kinds are caught differently by a compute unit and so have classes
 * of their own: a LuaError leaves the machine usable, a LimitError leaves its memory half written
 * until a checkpoint is restored. All the rest are mistakes of the caller.
 */

export type MachineErrorCode =
  | 'LUA_WASM_UNKNOWN'
  | 'LUA_SYNTAX'
  | 'LUA_ERROR'
  | 'LUA_NO_HANDLE'
  | 'INSTRUCTION_LIMIT'
  | 'MEMORY_LIMIT'
  | 'STACK_LIMIT'
  | 'REPLY_LIMIT'
  | 'MACHINE_CRASHED'
  | 'MACHINE_DIRTY'
  | 'MACHINE_BUSY'
  | 'MACHINE_DISPOSED'
  | 'BAD_LIMIT'
  | 'DEVICE_MISSING'
  | 'DEVICE_VALUE'
  | 'CHECKPOINT_FOREIGN'
  | 'CHECKPOINT_INVALID';

export interface MachineErrorOptions {
  readonly details?: Readonly<Record<string, unknown>>;
  readonly hint?: string;
  readonly cause?: unknown;
}

export class MachineError extends Error {
  override readonly name: string = 'MachineError';
  readonly code: MachineErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly hint: string;

  constructor(code: MachineErrorCode, message: string, options: MachineErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
    this.hint = options.hint ?? '';
  }
}

/** A Lua program raised an error and nobody in Lua caught it. `message` is Lua's own text. */
export class LuaError extends MachineError {
  override readonly name = 'LuaError';
}

/** A program ran past a bound. Lua code cannot catch it; restore a checkpoint to go on. */
export class LimitError extends MachineError {
  override readonly name = 'LimitError';
}
