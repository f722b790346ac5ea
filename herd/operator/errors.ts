/**
 * What an operator refuses, as one table: every refusal of a request has a number for the envelope of
 * its reply and an HTTP status. The numbers go on from those of the original program (opml-opt: -1,
 * -500 to -503), which knows no others.
 */

/** Refusals of a request. */
export type RefusalCode =
  | 'QUEUE_FULL'
  | 'INTERNAL'
  | 'BODY_TOO_LARGE'
  | 'JSON_INVALID'
  | 'FIELD_MISSING'
  | 'FIELD_INVALID'
  | 'MODEL_UNKNOWN'
  | 'PROMPT_TOO_LONG'
  | 'CALLBACK_INVALID'
  | 'REQUEST_CONFLICT'
  | 'REQUEST_UNKNOWN'
  | 'NOT_FOUND'
  | 'OPERATOR_STOPPING'
  | 'WEB_PAGE_REFUSED';

/** Why an accepted question got no answer. */
export type FailureCode = 'ANSWER_FAILED' | 'ANSWER_TIMEOUT' | 'OPERATOR_STOPPED';

export type OperatorErrorCode = RefusalCode | FailureCode | 'CONFIG_INVALID' | 'CONFIG_NOT_FOUND';

export type RefusalStatus = 400 | 403 | 404 | 409 | 413 | 500 | 503;

export const REFUSALS: Readonly<
  Record<RefusalCode, { readonly number: number; readonly status: RefusalStatus }>
> = {
  QUEUE_FULL: { number: -1, status: 503 },
  INTERNAL: { number: -500, status: 500 },
  BODY_TOO_LARGE: { number: -501, status: 413 },
  JSON_INVALID: { number: -502, status: 400 },
  FIELD_MISSING: { number: -503, status: 400 },
  FIELD_INVALID: { number: -504, status: 400 },
  MODEL_UNKNOWN: { number: -505, status: 404 },
  PROMPT_TOO_LONG: { number: -506, status: 413 },
  CALLBACK_INVALID: { number: -507, status: 400 },
  REQUEST_CONFLICT: { number: -508, status: 409 },
  REQUEST_UNKNOWN: { number: -509, status: 404 },
  NOT_FOUND: { number: -510, status: 404 },
  OPERATOR_STOPPING: { number: -511, status: 503 },
  WEB_PAGE_REFUSED: { number: -512, status: 403 },
};

export class OperatorError extends Error {
  override readonly name = 'OperatorError';
  readonly code: OperatorErrorCode;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: OperatorErrorCode,
    message: string,
    options: { hint: string; details?: Record<string, unknown>; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

/** True for a refusal of a request, which its reply tells; anything else thrown is a defect. */
export function isRefusal(error: unknown): error is OperatorError & { code: RefusalCode } {
  return error instanceof OperatorError && Object.hasOwn(REFUSALS, error.code);
}
