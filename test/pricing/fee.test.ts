import { expect, test } from 'vitest';
import { PricingError } from '../../pricing/errors.js';
import { calculateFee, DEFAULT_TERMS } from '../../pricing/fee.js';
import { type Prices, quoteOffer } from '../../pricing/quote.js';

const LIFE = 'What is the meaning of life?';

test('fee = feeBase + (words + tokens) x feeToken', () => {
  expect(calculateFee(DEFAULT_TERMS, LIFE, 20)).toBe(27n);
  expect(calculateFee(DEFAULT_TERMS, 'Tell me a joke', 16)).toBe(21n);
  expect(calculateFee({ feeBase: 100n, feeToken: 5n }, LIFE, 20)).toBe(230n);
  expect(calculateFee({ feeBase: 0n, feeToken: 10n ** 11n }, LIFE, 1)).toBe(700_000_000_000n);
});

test('a fee for half a token is a mistake of the caller', () => {
  expect(() => calculateFee(DEFAULT_TERMS, LIFE, 1.5)).toThrow(
    expect.objectContaining({ code: 'BAD_TOKEN_COUNT' }),
  );
});

const prices: Prices = { feeBase: 1n, feeToken: 1n, lastMultiplier: 1, queueLength: 0 };

test.each([
  ['nobody waits', prices, {}, 27n],
  ['others wait', { ...prices, queueLength: 2 }, {}, 27n],
  ['dearer than last time', { ...prices, lastMultiplier: 1.2, queueLength: 2 }, {}, 32n],
  ['twice of that', { ...prices, lastMultiplier: 1.2, queueLength: 2 }, { multiplier: 2 }, 65n],
  ['somebody paid far too much', { ...prices, lastMultiplier: 999_999_999 / 2 }, {}, 270n],
  ['more is meant', { ...prices, lastMultiplier: 50 }, { multiplier: 3 }, 810n],
  ['the client would follow', { ...prices, lastMultiplier: 50, maxMultiplier: 60 }, {}, 1350n],
  ['a static fee', prices, { fee: 100n }, 100n],
  ['a static fee, multiplied', prices, { fee: 100n, multiplier: 1.5 }, 150n],
  ['a static fee above 2^53', prices, { fee: 2n ** 70n + 1n }, 2n ** 70n + 1n],
])('offer when %s', (_, given, options, offer) => {
  expect(quoteOffer(given, LIFE, 20, options)).toBe(offer);
});

test('an offer that floats cannot hold is refused, not rounded', () => {
  expect(() => quoteOffer(prices, LIFE, 20, { multiplier: 2 ** 52 })).toThrow(PricingError);
  expect(() => quoteOffer(prices, LIFE, 20, { fee: 2n ** 53n, multiplier: 1 })).toThrow(
    expect.objectContaining({ code: 'FEE_TOO_LARGE' }),
  );
});
