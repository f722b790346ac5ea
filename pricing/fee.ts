/**
 * What one inference costs: fee = feeBase + (words of the prompt + tokens asked for) x feeToken.
 *
 * Worked with the default terms (feeBase 1, feeToken 1):
 *   "What is the meaning of life?", 20 tokens    1 + (6 + 20) x 1 = 27 winston
 *   "Tell me a joke", 16 tokens                  1 + (4 + 16) x 1 = 21 winston
 * With feeBase 100, feeToken 5:                  100 + 26 x 5     = 230 and 100 + 20 x 5 = 200
 *
 * Source: processes/herder.lua, the llama-herder protocol.
 */
import { PricingError } from './errors.js';
import { countWords } from './words.js';

/** Money in the smallest unit: 1 wAR = 10^12 winston. */
export type Winston = bigint;

/** What a herder asks and accepts. The names are the client's; PROTOCOL.md has those of the wire. */
export interface Terms {
  /** For the request itself. */
  readonly feeBase: Winston;
  /** For each word of the prompt and each token asked for. */
  readonly feeToken: Winston;
  /** Most tokens that a request may ask for. */
  readonly maxTokens: number;
  /** Longest prompt in bytes of UTF-8. A tag of a data item holds 3072. */
  readonly maxPromptBytes: number;
}

/** The terms of a herder whose owner set none. */
export const DEFAULT_TERMS: Terms = {
  feeBase: 1n,
  feeToken: 1n,
  maxTokens: 1024,
  maxPromptBytes: 3072,
};

/**
 * Fee of an inference at a multiplier of 1. Exact.
 *
 * @param tokens most tokens to generate, a whole number
 * @throws {PricingError} BAD_TOKEN_COUNT
 * @example calculateFee(DEFAULT_TERMS, 'Tell me a joke', 16) // 21n
 */
export function calculateFee(
  terms: Pick<Terms, 'feeBase' | 'feeToken'>,
  prompt: string,
  tokens: number,
): Winston {
  if (!Number.isSafeInteger(tokens)) {
    throw new PricingError(
      'BAD_TOKEN_COUNT',
      `Token count ${tokens} is not a whole number.`,
      'Ask for a whole number of tokens.',
      { tokens },
    );
  }
  return terms.feeBase + BigInt(countWords(prompt) + tokens) * terms.feeToken;
}
