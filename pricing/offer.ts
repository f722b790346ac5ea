/**
 * How a herder judges a payment: a request for its queue, or a refund with the reason.
 *
 * The reasons are the X-Reason texts of the wire. A multiplier is what was paid over the fee; all
 * that is paid above the fee is the bid for a place in the queue and is not given back.
 *
 * Source: processes/herder.lua `Herder.judgeOffer`; the test compares the two.
 */
import { calculateFee, type Terms, type Winston } from './fee.js';
import { countWords } from './words.js';

/** Longest stop text in bytes. */
const MAX_TERMINATION_BYTES = 256;
/** Longest payment in decimal digits: payment x fee has to fit the herder's 256-bit integers. */
const MAX_PAYMENT_DIGITS = 60;

/** A payment as it arrives: the texts of its tags. */
export interface Offer {
  /** Decimal digits, winston. */
  readonly quantity: string;
  readonly prompt?: string | undefined;
  readonly tokens?: string | undefined;
  readonly termination?: string | undefined;
}

export interface AcceptedOffer {
  readonly accepted: true;
  readonly tokens: number;
  /** Words and tokens: what the fee was charged for. */
  readonly length: number;
  readonly fee: Winston;
  readonly paid: Winston;
  /** paid / fee, for display. Offers are compared exactly, see queue.ts. */
  readonly multiplier: number;
}

export interface RefusedOffer {
  readonly accepted: false;
  readonly reason: string;
  /** The fee, when it is known and the payment is below it. */
  readonly needed?: Winston;
}

/**
 * Judges an offer under the given terms.
 *
 * @example
 * judgeOffer(DEFAULT_TERMS, { quantity: '27', prompt: 'What is the meaning of life?', tokens: '20' })
 * // { accepted: true, tokens: 20, length: 26, fee: 27n, paid: 27n, multiplier: 1 }
 */
export function judgeOffer(terms: Terms, offer: Offer): AcceptedOffer | RefusedOffer {
  const { prompt, termination = '' } = offer;
  if (!prompt) return refuse('X-Prompt is missing');
  if (byteLength(prompt) > terms.maxPromptBytes) {
    return refuse(`X-Prompt is longer than ${terms.maxPromptBytes} bytes`);
  }
  const tokens = readTokens(offer.tokens, terms.maxTokens);
  if (tokens === undefined) {
    return refuse(`X-Tokens must be a whole number from 1 to ${terms.maxTokens}`);
  }
  if (byteLength(termination) > MAX_TERMINATION_BYTES) {
    return refuse(`X-Termination is longer than ${MAX_TERMINATION_BYTES} bytes`);
  }
  if (offer.quantity.length > MAX_PAYMENT_DIGITS) {
    return refuse(`Quantity has more than ${MAX_PAYMENT_DIGITS} digits`);
  }
  const paid = BigInt(offer.quantity);
  const fee = calculateFee(terms, prompt, tokens);
  if (paid < fee) return { ...refuse('Insufficient payment'), needed: fee };
  const length = countWords(prompt) + tokens;
  return { accepted: true, tokens, length, fee, paid, multiplier: Number(paid) / Number(fee) };
}

/**
 * The multiplier that clients read: Lua writes a float with 14 significant digits.
 *
 * @example wireMultiplier(28 / 27) // 1.037037037037 (28 / 27 is 1.037037037037037)
 */
export function wireMultiplier(multiplier: number): number {
  return Number(multiplier.toPrecision(14));
}

function refuse(reason: string): RefusedOffer {
  return { accepted: false, reason };
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** A whole number from 1 to `most` in decimal digits, else undefined. */
function readTokens(text: string | undefined, most: number): number | undefined {
  if (text === undefined || !/^[0-9]{1,15}$/.test(text)) return undefined;
  const tokens = Number(text);
  return tokens >= 1 && tokens <= most ? tokens : undefined;
}
