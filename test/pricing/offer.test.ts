import { expect, test } from 'vitest';
import { DEFAULT_TERMS } from '../../pricing/fee.js';
import { judgeOffer, wireMultiplier } from '../../pricing/offer.js';

const offer = { quantity: '54', prompt: 'What is the meaning of life?', tokens: '20' };

test('accepts a payment of the fee or more; what is above is the bid', () => {
  expect(judgeOffer(DEFAULT_TERMS, offer)).toEqual({
    accepted: true,
    tokens: 20,
    length: 26,
    fee: 27n,
    paid: 54n,
    multiplier: 2,
  });
});

test('says what a payment below the fee would have needed', () => {
  expect(judgeOffer(DEFAULT_TERMS, { ...offer, quantity: '26' })).toEqual({
    accepted: false,
    reason: 'Insufficient payment',
    needed: 27n,
  });
});

const TOKENS = 'X-Tokens must be a whole number from 1 to 1024';
test.each([
  ['no prompt', { prompt: undefined }, 'X-Prompt is missing'],
  ['empty prompt', { prompt: '' }, 'X-Prompt is missing'],
  ['long prompt', { prompt: 'é'.repeat(1537) }, 'X-Prompt is longer than 3072 bytes'],
  ['no tokens', { tokens: undefined }, TOKENS],
  ['negative tokens', { tokens: '-7' }, TOKENS],
  ['zero tokens', { tokens: '0' }, TOKENS],
  ['fractional tokens', { tokens: '1.5' }, TOKENS],
  ['tokens with an exponent', { tokens: '1e2' }, TOKENS],
  ['hexadecimal tokens', { tokens: '0x10' }, TOKENS],
  ['tokens with a space', { tokens: ' 20' }, TOKENS],
  ['huge tokens', { tokens: '99999999999999999999' }, TOKENS],
  ['too many tokens', { tokens: '1025' }, TOKENS],
  ['tokens in words', { tokens: 'twenty' }, TOKENS],
  ['long stop text', { termination: 'x'.repeat(257) }, 'X-Termination is longer than 256 bytes'],
  ['absurd payment', { quantity: '9'.repeat(61) }, 'Quantity has more than 60 digits'],
])('refuses %s', (_, change, reason) => {
  expect(judgeOffer(DEFAULT_TERMS, { ...offer, ...change })).toEqual({ accepted: false, reason });
});

test('the wire shows a multiplier with 14 digits', () => {
  expect(wireMultiplier(28 / 27)).toBe(1.037037037037);
  expect(wireMultiplier(1)).toBe(1);
});
