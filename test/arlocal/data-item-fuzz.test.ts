/**
 * 10,000 damaged data items: every byte of an item is signed or breaks its form, so there is no
 * damage that may pass. Seeded, so that a failure names the case and comes back.
 */
import { describe, expect, test } from 'vitest';
import { decodeDataItem, signDataItem } from '../../arlocal/data-item.js';
import { ArlocalError } from '../../arlocal/errors.js';
import { walletFromSeed } from '../../arlocal/wallet.js';

const CASES = 10_000;

/** xorshift32: small, and the same everywhere. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const wallet = walletFromSeed(1, 'fuzz');
const target = wallet.address;
const anchor = '0'.repeat(32);
const tags = [
  { name: 'Data-Protocol', value: 'ao' },
  { name: 'Type', value: 'Message' },
];
const originals = [{}, { target }, { anchor, tags }, { target, anchor, tags, data: 'hello' }].map(
  (fields) => signDataItem(wallet, fields).bytes,
);

/** One kind of damage, as a real network or a bad client does it. */
function damage(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const at = random(bytes.length);
  switch (random(5)) {
    case 0:
      return changed.subarray(0, at); // cut off
    case 1:
      return Buffer.concat([changed, Buffer.alloc(1 + random(64), random(256))]); // run over
    case 2:
      changed[at] = (changed[at] ?? 0) ^ (1 + random(255)); // a byte
      return changed;
    case 3:
      return Buffer.concat([changed.subarray(0, at), changed.subarray(at + 1)]); // a byte lost
    default:
      changed[at] = (changed[at] ?? 0) ^ (1 << random(8)); // a bit
      return changed;
  }
}

function refusal(bytes: Uint8Array): string | undefined {
  try {
    decodeDataItem(bytes, { verify: true, maxBytes: 4096 });
    return undefined;
  } catch (error) {
    if (error instanceof ArlocalError) return error.code;
    throw error;
  }
}

describe(`${CASES} damaged items`, () => {
  test('are each refused with a coded error', () => {
    const random = createRandom(20_240_601);
    const codes = new Set<string>();
    const passed: number[] = [];
    for (let number = 0; number < CASES; number++) {
      const original = originals[random(originals.length)] as Uint8Array;
      const code = refusal(damage(original, random));
      if (code) codes.add(code);
      else passed.push(number);
    }
    expect(passed).toEqual([]);
    // The damage reaches every check, and nothing but these checks.
    expect([...codes].sort()).toEqual([
      'ITEM_MALFORMED',
      'ITEM_NOT_SIGNED',
      'ITEM_TRUNCATED',
      'SIGNATURE_TYPE_UNSUPPORTED',
      'TAGS_MALFORMED',
      'TAGS_TOO_LONG',
    ]);
  });

  test('of more than the limit are refused before they are read', () => {
    const huge = Buffer.concat([originals[3] as Uint8Array, Buffer.alloc(4096)]);
    expect(refusal(huge)).toBe('ITEM_TOO_LARGE');
  });
});
