/**
 * What can go wrong when the parts are put together. As in every folder: a stable code, what
 * happened with the offending value, and what to do.
 */
export type CorralErrorCode =
  | 'ARCHIVE_REFUSED'
  | 'BAD_OPTION'
  | 'BOOT_FAILED'
  | 'BOT_DATA_MISSING'
  | 'BOT_REFUSED'
  | 'BOT_THREAD_ENDED'
  | 'DISPUTE_WITHOUT_CLAIM'
  | 'FILE_EXISTS'
  | 'FILE_NOT_FOUND'
  | 'FILE_NOT_READABLE'
  | 'KEYS_NOT_WRITABLE'
  | 'MODEL_INVALID'
  | 'MODEL_NOT_FOUND'
  | 'REQUIRE_CYCLE'
  | 'STORE_NOT_EMPTY'
  | 'STORE_OF_OTHER_SEED'
  | 'STORE_UNUSABLE';

export class CorralError extends Error {
  override readonly name = 'CorralError';
  readonly code: CorralErrorCode;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: CorralErrorCode,
    message: string,
    options: { hint?: string; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}
