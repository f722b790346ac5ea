/**
 * What can go wrong at the doors for programs that were written for AO's own tools. As in every
 * folder: a stable code, what happened with the offending value, and what to do.
 */
export type ClientErrorCode =
  | 'BAD_ADDRESS'
  | 'NETWORK_NOT_RUNNING'
  | 'MEMORY_FOREIGN'
  | 'BAD_OPTION';

export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: ClientErrorCode;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ClientErrorCode,
    message: string,
    options: { hint?: string; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

/** For bytes that are given as a memory and are none of the program that is to go on from them. */
export function foreignMemory(bytes: Uint8Array, cause?: unknown): ClientError {
  return new ClientError(
    'MEMORY_FOREIGN',
    `the memory of ${bytes.length} bytes is none of this program's`,
    {
      hint: 'Give null for a new process, or a Memory that this version of corral/loader returned.',
      cause,
    },
  );
}
