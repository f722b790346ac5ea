/** Errors of pricing: a caller's mistake in a number that becomes money. */

export type PricingErrorCode = 'BAD_TOKEN_COUNT' | 'FEE_TOO_LARGE';

export class PricingError extends Error {
  readonly code: PricingErrorCode;
  /** What to do about it. */
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: PricingErrorCode,
    message: string,
    hint: string,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'PricingError';
    this.code = code;
    this.hint = hint;
    this.details = details;
  }
}
