/**
 * The deeds of ArLocal's users and of the `arweave` client, on one gateway: one body, several arms.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Arm } from './arms.js';
import { DATA_DEEDS } from './data-deeds.js';
import type { Difference } from './differences.js';
import { GRAPHQL_DEEDS } from './graphql-deeds.js';
import { LANGUAGE_DEEDS } from './language-deeds.js';
import { NETWORK_DEEDS } from './network-deeds.js';
import { TRANSACTION_DEEDS } from './transaction-deeds.js';
import { createWorld, type World } from './world.js';
import { WRITE_DEEDS } from './write-deeds.js';

const DEEDS = [
  ...NETWORK_DEEDS,
  ...TRANSACTION_DEEDS,
  ...DATA_DEEDS,
  ...GRAPHQL_DEEDS,
  ...LANGUAGE_DEEDS,
  ...WRITE_DEEDS, // last, because they change what the others read
];

export const CLIENT = 'arweave 1.15.7';

export function describeGateway(
  name: string,
  start: () => Promise<Arm>,
  differences: readonly Difference[] = [],
): void {
  describe(name, () => {
    let arm: Arm;
    let world: World;

    beforeAll(async () => {
      vi.spyOn(console, 'error').mockReturnValue(); // the client tells there of what it tries in vain
      vi.spyOn(console, 'warn').mockReturnValue();
      arm = await start();
      world = await createWorld(arm.url);
    });
    afterAll(() => arm.close());

    const others = new Map(differences.flatMap(({ arlocal }) => Object.entries(arlocal)));
    for (const { name: deed, run, answers } of DEEDS) {
      test(deed, async () => {
        expect(await run(world)).toEqual(others.has(deed) ? others.get(deed) : answers);
      });
    }

    if (others.size > 0) {
      test('each difference is one, of a deed that is done', () => {
        const answersOf = new Map(DEEDS.map(({ name: deed, answers }) => [deed, answers]));
        for (const [deed, answers] of others) {
          expect(answersOf.has(deed), deed).toBe(true);
          expect(answers, deed).not.toEqual(answersOf.get(deed));
        }
      });
    }
  });
}
