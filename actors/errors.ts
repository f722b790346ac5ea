/**
 * Errors of the actor layer: caller mistakes throw an `ActorError`; what merely goes wrong inside the
 * network (a handler that throws, a message that cannot be sent) is an `ErrorReport`, a value that
 * travels in results, events and receipts.
 */

/** Stable codes, never reused. */
export type ActorErrorCode =
  | 'BAD_CURSOR'
  | 'BAD_FAULT'
  | 'BAD_MODULE'
  | 'BAD_REQUEST'
  | 'CHECKPOINT_DAMAGED'
  | 'CLOCK_BACKWARDS'
  | 'COMPUTE_FAILED'
  | 'CRANK_TOO_DEEP'
  | 'CRANK_TOO_MANY'
  | 'CRON_BACKLOG'
  | 'DATA_INCOMPLETE'
  | 'DUPLICATE_MESSAGE'
  | 'EVALUATION_FAILED'
  | 'FAULTS_NEED_MEMORY'
  | 'HISTORY_FORGOTTEN'
  | 'INVALID_CRON'
  | 'INVALID_ID'
  | 'LOG_CONFLICT'
  | 'MESSAGE_NOT_FOUND'
  | 'MESSAGE_TOO_LARGE'
  | 'MODULE_NOT_FOUND'
  | 'NETWORK_CLOSED'
  | 'NOT_AO'
  | 'NOT_A_MODULE'
  | 'NOT_FOUND'
  | 'NOT_SETTLED'
  | 'PAGE_TOO_LARGE'
  | 'PORT_IN_USE'
  | 'PROCESS_DOWN'
  | 'PROCESS_EXISTS'
  | 'REPLAY_TOO_LONG'
  | 'TAG_NOT_STRING'
  | 'UNIT_BUSY'
  | 'UNIT_DOWN'
  | 'UNKNOWN_PROCESS'
  | 'UNSENDABLE_MESSAGE';

/** A mistake of the caller: what happened with the offending value, and a hint what to do. */
export class ActorError extends Error {
  readonly code: ActorErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly hint: string;

  constructor(
    code: ActorErrorCode,
    message: string,
    options: { hint: string; details?: Record<string, unknown>; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ActorError';
    this.code = code;
    this.details = options.details ?? {};
    this.hint = options.hint;
  }
}

/** The refusal of everything that a closed network is asked. */
export function networkClosed(): ActorError {
  return new ActorError('NETWORK_CLOSED', 'the network was closed', {
    hint: 'Wait for the receipts of what you sent before closing the network.',
  });
}

/** The refusal of an item that is no part of the protocol. */
export function notAo(item: string, type: string | undefined): ActorError {
  return new ActorError('NOT_AO', `the item ${item} is neither a message nor a process`, {
    hint: 'Give it the tags Data-Protocol=ao and Type=Message or Type=Process.',
    details: { item, type },
  });
}

/** Something that went wrong inside the network, as a value. */
export interface ErrorReport {
  /** An `ActorErrorCode`, or the code of the limit or part that refused. */
  readonly code: string;
  /** Full text, as the result of the evaluation carries it. */
  readonly text: string;
  readonly hint?: string;
  /** Process in which, or on behalf of which, it happened. */
  readonly process?: string;
  /** Id of the message that was being evaluated or sent on. */
  readonly message?: string;
  /** Name of the handler that failed, where the kernel tells it. */
  readonly handler?: string;
  /** Line in the program's source, where the kernel tells it. */
  readonly line?: number;
  /** Name of the tag that could not be sent. */
  readonly tag?: string;
  /** The bound that was passed, and what there was: bytes, instructions or messages. */
  readonly limit?: number;
  readonly got?: number;
}

/** The report of a caught error; foreign errors keep their text under `fallback` as code. */
export function reportError(
  error: unknown,
  fallback: ActorErrorCode,
  context: Partial<ErrorReport> = {},
): ErrorReport {
  const known = error as { code?: unknown; hint?: unknown; message?: unknown } | null;
  return {
    code: typeof known?.code === 'string' ? known.code : fallback,
    text: typeof known?.message === 'string' ? known.message : String(error),
    ...(typeof known?.hint === 'string' ? { hint: known.hint } : {}),
    ...boundOf(error),
    ...context,
  };
}

/** The bound that an error is about, from its details: all parts write it under these names. */
export function boundOf(error: unknown): { limit?: number; got?: number } {
  const { details } = (error ?? {}) as { details?: { limit?: unknown; got?: unknown } };
  const { limit, got } = details ?? {};
  return {
    ...(typeof limit === 'number' ? { limit } : {}),
    ...(typeof got === 'number' ? { got } : {}),
  };
}

/** Throws if a sentence that the code relies on does not hold: a programmer error, always checked. */
export function invariant(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${sentence}`);
}
