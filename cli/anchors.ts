/**
 * Anchors make equal messages different: a data item's id is the hash of its signature, and the dev
 * wallets sign deterministically, so that `1 + 1` sent twice would be one and the same item. A
 * session in a fresh network counts (same seed, same ids); one that joins draws at random, because
 * it cannot know what was sent before.
 */
import { createHash, randomBytes } from 'node:crypto';

/** @returns 32 characters, different at every call */
export type NextAnchor = () => string;

export function countingAnchors(label: string): NextAnchor {
  let count = 0;
  return () => {
    count += 1;
    return createHash('sha256').update(`${label}:${count}`).digest('hex').slice(0, 32);
  };
}

export function randomAnchors(): NextAnchor {
  return () => randomBytes(16).toString('hex');
}
