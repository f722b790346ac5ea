/**
 * The arbiter on Lua 5.3, AO's own: what it was told in whole disputes is told again to the same program
 * on a `lua5.3` of the system, and each answer must be the same.
 */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { splitHashes } from '../../opml/hex.js';
import { beforeProof, Case, honest, leavesOf, liar, lie, truth } from './case.js';
import { START } from './court.js';
import type { Recording } from './harness.js';
import { systemSubject } from './kernel/subject.js';
import { challenge, computing, doingNothing, openings, reordering, stalling } from './players.js';

const LUA53 = ['lua5.3', 'lua53'].find((name) => spawnSync(name, ['-v']).status === 0);

/** Disputes of all kinds, on the network's Lua; what the arbiter heard and said. */
function recordDisputes(): Recording {
  const court = new Case({}, true);
  const wrong = [lie, liar({ kind: 'instruction', token: 1, operator: 2 })];
  for (const tracer of wrong) {
    const { claim } = court.dispute(tracer, 'ALICE', 'BOB');
    const look = (from: string, witness: string, tags: Record<string, string>) => {
      court.refused(from, tags, witness.slice(0, -2));
    };
    court.play(claim, tracer, reordering(computing(tracer)), {
      ALICE: beforeProof(honest, look),
      BOB: stalling(honest),
    });
  }
  const claim = court.open({ prompt: 'What is the meaning of life?', maxTokens: 3 }, truth.claim());
  const list = splitHashes(leavesOf(truth));
  court.send('EVE', 'Challenge', { Claim: claim, Leaf: '0' }, openings(list, 0, 'ee'.repeat(32)));
  expect(challenge(court, 'ALICE', claim, leavesOf(truth), truth)).toBeUndefined();
  court.play(claim, truth, honest, { EVE: doingNothing });
  court.advance(200_000);
  court.send('ALICE', 'Withdraw', { Quantity: '100' });
  expect(court.total('ALICE')).toBeGreaterThan(START);
  court.close();
  return court.network.recording('ARBITER');
}

describe.skipIf(LUA53 === undefined)('on Lua 5.3 of the system', () => {
  test('all disputes go as on the network’s own', () => {
    const { env, deliveries } = recordDisputes();
    const replies = systemSubject(LUA53 as string)(
      deliveries.map(({ message }) => message),
      env,
    );
    expect(replies).toHaveLength(deliveries.length);
    replies.forEach((reply, index) => {
      const { message, reply: expected } = deliveries[index] as Recording['deliveries'][number];
      expect(readable(reply), message.slice(0, 300)).toEqual(
        readable(JSON.parse(expected).response),
      );
    });
  });
});

/** What a result says, in an order of its own: that of keys and tags is each Lua's. */
function readable(result: unknown): unknown {
  const { Error: error, Messages = [] } = result as { Error?: unknown; Messages?: unknown[] };
  return {
    error,
    messages: Messages.map((message) => JSON.parse(JSON.stringify(message, settle))),
  };
}

function settle(key: string, value: unknown): unknown {
  if (key === 'Tags') {
    const tags = value as { name: string; value: string }[];
    return Object.fromEntries(tags.map((tag) => [tag.name, tag.value]));
  }
  const isObject = key === 'Data' && typeof value === 'string' && value.startsWith('{');
  return isObject ? JSON.parse(value) : value;
}
