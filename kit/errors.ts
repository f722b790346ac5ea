/**
 * Mistakes of whoever tests with the kit. As in every folder: a stable code, what happened with the
 * offending value, and what to do. What merely goes wrong in the network is a value, in receipts.
 */
export type KitErrorCode =
  | 'ADOPT_AWAY'
  | 'ADOPT_EXISTS'
  | 'ADOPT_LOG'
  | 'ADOPT_MODULE'
  | 'ADOPT_REFUSED'
  | 'ADOPT_SCHEDULER'
  | 'ADOPT_SIGNATURE'
  | 'ADOPT_STATE'
  | 'ADOPT_UNREADABLE'
  | 'AMBIGUOUS_NAME'
  | 'BAD_AMOUNT'
  | 'BAD_DURATION'
  | 'BAD_MATCHER'
  | 'BAD_MOMENT'
  | 'BAD_OPTION'
  | 'BAD_PATH'
  | 'BAD_SENDER'
  | 'BAD_STATE_VALUE'
  | 'BAD_WORLD'
  | 'BOOT_FAILED'
  | 'BREAKPOINT_INVALID'
  | 'CLOCK_FOREIGN'
  | 'DEBUG_ENDED'
  | 'FILE_NOT_READABLE'
  | 'FILE_NOT_WRITABLE'
  | 'FOREIGN_VALUE'
  | 'FRAME_UNKNOWN'
  | 'MESSAGE_NOT_FOUND'
  | 'MESSAGE_AMBIGUOUS'
  | 'NETWORK_CLOSED'
  | 'NO_OWNER'
  | 'REPLAY_INVALID'
  | 'REPLAY_TOO_LONG'
  | 'RUN_FILE_INVALID'
  | 'SIMULATION_FAILED'
  | 'SNAPSHOT_DAMAGED'
  | 'SNAPSHOT_FOREIGN'
  | 'SNAPSHOT_INVALID'
  | 'SNAPSHOT_MACHINE'
  | 'SNAPSHOT_VERSION'
  | 'STATE_NOT_LUA'
  | 'STATE_NOT_SET'
  | 'STATE_PATH'
  | 'STATE_TOO_LARGE'
  | 'STATE_TYPE'
  | 'UNKNOWN_NAME'
  | 'WAR_REFUSED'
  | 'WORLD_CHANGED';

export class KitError extends Error {
  override readonly name: string = 'KitError';
  readonly code: KitErrorCode;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: KitErrorCode,
    message: string,
    options: { hint: string; details?: Record<string, unknown>; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

/** A value as an error message shows it: short, and told apart from others of the same text. */
export function show(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `the function ${value.name || 'without a name'}`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return `an object with ${Object.keys(value).slice(0, 5).join(', ') || 'no fields'}`;
}
