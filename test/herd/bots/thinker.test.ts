import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createHonestOpener, createThinker } from '../../../herd/bots/thinker.js';
import { createThreadThinker } from '../../../herd/bots/thread-thinker.js';
import { DEMO_MODEL } from '../../../herd/weights.js';
import type { Dispute } from '../../../opml/game.js';
import { splitHashes } from '../../../opml/hex.js';

const openHonestTracer = createHonestOpener();
const MODEL = readFileSync(DEMO_MODEL);
const INPUT = {
  prompt: 'What is rain?',
  maxTokens: 2,
  stops: [],
  temperature: 0,
  topP: 1,
  seed: 0n,
};
const JOB = { model: 'demo', input: INPUT };

/** A true claim, as the arbiter and the gateway tell it. */
function makeDispute(): Dispute {
  const { data, ...roots } = openHonestTracer(MODEL, INPUT).claim();
  const params = { ...INPUT, seed: '0', trim: false };
  const claim = { ...roots, id: 'herder:1', status: 'open' as const, prompt: INPUT.prompt, params };
  return { claim, leaves: splitHashes(data.leaves) };
}

const readModel = async () => MODEL;

test('on a thread it decides as in this one, question after question', async () => {
  const here = createThinker(readModel);
  const there = createThreadThinker(readModel);
  const dispute = makeDispute();
  const decisions = await Promise.all(
    [here, there, there].map((thinker) => thinker.decide(dispute, 'challenger', JOB)),
  );
  expect(decisions[0]?.reason).toContain('right');
  expect(decisions[1]).toEqual(decisions[0]);
  expect(decisions[2]).toEqual(decisions[0]);
  await there.close();
});

test('a question that is claimed again is not computed again', async () => {
  let opened = 0;
  const thinker = createThinker(readModel, (model, input) => {
    opened += 1;
    return openHonestTracer(model, input);
  });
  const { claim, leaves } = makeDispute();
  for (const id of ['herder:1', 'other:7']) {
    const { reason } = await thinker.decide({ claim: { ...claim, id }, leaves }, 'challenger', JOB);
    expect(reason).toContain('right');
  }
  expect(opened).toBe(1);
});

test('a model is read but once, unless it cannot be opened', async () => {
  let read = 0;
  const thinker = createThinker(async () => {
    read += 1;
    return read === 1 ? Buffer.from('no model') : MODEL;
  });
  const dispute = makeDispute();
  await expect(thinker.decide(dispute, 'challenger', JOB)).rejects.toThrow();
  for (const inputRoot of ['ab'.repeat(32), dispute.claim.inputRoot]) {
    const other = { ...dispute, claim: { ...dispute.claim, inputRoot } };
    expect((await thinker.decide(other, 'challenger', JOB)).move).toBeUndefined();
  }
  expect(read).toBe(2);
});

describe('on a thread', () => {
  test('a model that is none fails with the reason and its code, and nothing else', async () => {
    let bytes: Uint8Array = Buffer.from('no model');
    const thinker = createThreadThinker(async () => bytes);
    await expect(thinker.decide(makeDispute(), 'challenger', JOB)).rejects.toMatchObject({
      code: expect.stringMatching(/^[A-Z_]+$/),
    });
    bytes = MODEL;
    const job = { ...JOB, model: 'another' };
    expect(await thinker.decide(makeDispute(), 'challenger', job)).toMatchObject({
      reason: expect.stringContaining('right'),
    });
    await thinker.close();
  });

  test('what is under way when it closes, or asked later, ends as BOT_THREAD_ENDED', async () => {
    const thinker = createThreadThinker(readModel);
    const asked = expect(thinker.decide(makeDispute(), 'challenger', JOB)).rejects.toMatchObject({
      code: 'BOT_THREAD_ENDED',
    });
    await thinker.close();
    await asked;
    await expect(thinker.decide(makeDispute(), 'challenger', JOB)).rejects.toMatchObject({
      code: 'BOT_THREAD_ENDED',
    });
  });
});
