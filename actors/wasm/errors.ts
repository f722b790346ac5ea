/**
 * Errors of WebAssembly modules. A module that does not fit is a mistake of whoever brought it; what
 * stops a message half way leaves the memory half written until it is rolled back.
 */

export type WasmErrorCode =
  | 'WASM_INVALID'
  | 'WASM_FORMAT'
  | 'WASM_MEMORY64'
  | 'WASM_NO_HANDLE'
  | 'WASM_MEMORY_LIMIT'
  | 'INSTRUCTION_LIMIT'
  | 'MEMORY_LIMIT'
  | 'STACK_LIMIT'
  | 'GAS_LIMIT'
  | 'DATA_NOT_FOUND'
  | 'DATA_NOT_AVAILABLE'
  | 'MACHINE_CRASHED'
  | 'CHECKPOINT_FOREIGN'
  | 'CHECKPOINT_INVALID';

/** What happened, and what to do about it. */
export class WasmError extends Error {
  override readonly name = 'WasmError';
  readonly code: WasmErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly hint: string;

  constructor(
    code: WasmErrorCode,
    message: string,
    options: { hint: string; details?: Record<string, unknown>; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
    this.hint = options.hint;
  }
}

/** The module gave up by itself: abort, exit, a failed assertion. */
export class GuestStop extends Error {
  override readonly name = 'GuestStop';
}
