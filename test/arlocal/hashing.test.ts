import arweaveDeepHash from 'arweave/node/lib/deepHash.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  appendDeepHash,
  type DeepHashInput,
  deepHash,
  startDeepHash,
} from '../../arlocal/hashing.js';

test('hashes known bytes and lists to the known deep hash', () => {
  const bytes = (text: string) => Buffer.from(text);
  const tree = [bytes('a'), [bytes('b'), []], bytes('')];
  expect(deepHash(bytes('arweave')).toString('base64url')).toBe(
    'QjOAloifwjwO5oJo36Y2H_88xi0ld_B3l5vv6e4Vu4IAvvCk0mMxt9LGRg7OpDaX',
  );
  expect(deepHash(tree).toString('base64url')).toBe(
    'jb4VEZ3Gxzouy6SGcvSmw7WGd5b-ugoDO6vhrHqe1zdgUZwzBejNcuMlwYyESHhB',
  );
});

test('agrees with arweave-js on any tree', async () => {
  const { tree } = fc.letrec<{ tree: DeepHashInput }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      fc.uint8Array({ maxLength: 70 }),
      fc.array(tie('tree'), { maxLength: 4 }),
    ),
  }));
  const foreign = arweaveDeepHash as unknown as (input: DeepHashInput) => Promise<Uint8Array>;
  await fc.assert(
    fc.asyncProperty(tree, async (input) => {
      expect(deepHash(input).equals(await foreign(input))).toBe(true);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('is a fold over the parts of a list', () => {
  const parts = [Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(32, 7)];
  const folded = parts.reduce(appendDeepHash, startDeepHash(3));
  expect(folded.equals(deepHash(parts))).toBe(true);
});
