import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { nextHashChain } from '../../../actors/scheduler/hash-chain.js';

const sha256 = (...parts: string[]) => {
  const bytes = Buffer.concat(parts.map((part) => Buffer.from(part, 'base64url')));
  return createHash('sha256').update(bytes).digest('base64url');
};

describe('the hash chain', () => {
  const process = 'xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10';
  const assignmentId = 'wh5vB2IbqmIBUqgodOaTvByNFDPr73gbUq1bVOUtCrw';

  test('begins with the hash of the process id', () => {
    expect(nextHashChain(process, undefined)).toBe(sha256(process));
  });

  test('continues with the previous assignment and the previous link, in this order', () => {
    const hashChain = sha256(process);
    const next = nextHashChain(process, { assignmentId, hashChain });
    expect(next).toBe(sha256(assignmentId, hashChain));
    expect(next).not.toBe(sha256(hashChain, assignmentId));
  });
});
