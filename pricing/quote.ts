/**
 * What a client offers: the fee times the last multiplier, a little more when others wait.
 *
 *   offer = floor(fee x min(lastMultiplier, maxMultiplier) [x feeBump if queueLength > 0]
 *                 [x options.multiplier])
 *
 * The Lua client computes this in floats, so this does too, operation by operation; the test of
 * 10,000 random cases compares the two. Floats are exact enough only below 2^53 winston
 * (9,007 wAR): from there on both refuse, neither rounds money silently.
 *
 * Worked: fee 27, lastMultiplier 1, nobody waits: 27. Two wait: floor(27 x 1.005) = 27.
 * lastMultiplier 1.2, two wait: floor(32.4 x 1.005) = 32. Multiplier 2 on top: floor(65.124) = 65.
 * Somebody paid 999,999,999 for a fee of 2, so lastMultiplier is 499,999,999.5: 27 x 10 = 270.
 *
 * Source: processes/client/llama-herder.lua `M.quote`.
 */
import { PricingError } from './errors.js';
import { calculateFee, type Terms, type Winston } from './fee.js';

/** A client's raise over the last multiplier when others wait: half a percent. */
export const FEE_BUMP = 1.005;

/** What a client follows lastMultiplier up to: one absurd payment must not price everybody out. */
export const MAX_MULTIPLIER = 10;

/** Offers that went through floats stay below this. */
const MAX_FLOAT_OFFER = 2 ** 53;

/** The prices that a client learned from Info-Response. */
export interface Prices extends Pick<Terms, 'feeBase' | 'feeToken'> {
  /** Of the request that the herder dispatched last. */
  readonly lastMultiplier: number;
  /** Requests waiting. */
  readonly queueLength: number;
  /** @default FEE_BUMP */
  readonly feeBump?: number;
  /** @default MAX_MULTIPLIER */
  readonly maxMultiplier?: number;
}

export interface QuoteOptions {
  /** Offered in place of the price. */
  readonly fee?: Winston;
  /** Applied to whichever of the two holds; may take the offer beyond maxMultiplier. */
  readonly multiplier?: number;
}

/**
 * What the client pays for a request.
 *
 * @throws {PricingError} FEE_TOO_LARGE when a multiplied offer is 2^53 winston or more
 * @throws {PricingError} BAD_TOKEN_COUNT
 */
export function quoteOffer(
  prices: Prices,
  prompt: string,
  tokens: number,
  options: QuoteOptions = {},
): Winston {
  if (options.fee !== undefined && options.multiplier === undefined) return options.fee;
  let offer: number;
  if (options.fee !== undefined) {
    offer = Number(options.fee);
  } else {
    const multiplier = Math.min(prices.lastMultiplier, prices.maxMultiplier ?? MAX_MULTIPLIER);
    offer = Number(calculateFee(prices, prompt, tokens)) * multiplier;
    if (prices.queueLength > 0) offer *= prices.feeBump ?? FEE_BUMP;
  }
  if (options.multiplier !== undefined) offer *= options.multiplier;
  if (!(offer < MAX_FLOAT_OFFER)) {
    throw new PricingError(
      'FEE_TOO_LARGE',
      `An offer of ${offer} winston is 2^53 or more: floats cannot hold it exactly.`,
      'Give the whole amount as options.fee, without a multiplier.',
      { offer },
    );
  }
  return BigInt(Math.floor(offer));
}
