/** Claims made while serving: every leaf as if all was hashed anew, whatever the memory held before. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type AnswerInput, encodeInput, type Program } from '../../llama/program.js';
import { answerRegion } from '../../opml/answer-log.js';
import { describeConstants } from '../../opml/claim.js';
import { writeFacts } from '../../opml/facts.js';
import { fromHex, splitHashes, toHex } from '../../opml/hex.js';
import { listRoot, RegionTree } from '../../opml/machine/merkle.js';
import { createNotary, type Notary } from '../../opml/notary.js';
import { createTracer } from '../../opml/tracer.js';
import {
  DEMO_QUESTION,
  demoStage,
  digitQuestion,
  digitStage,
  RANDOM_QUESTION,
  randomStage,
} from './stage.js';

const demo = demoStage();
const random = randomStage();
const digits = digitStage();

const CASES = [
  ['an answer of the demo model', demo, DEMO_QUESTION],
  ['an answer that a stop text cuts', demo, { ...DEMO_QUESTION, stops: ['bees', 'sticky'] }],
  ['a sampled answer', random, RANDOM_QUESTION],
  ['an answer with characters in pieces', random, { ...RANDOM_QUESTION, prompt: 'é🦙', seed: 3 }],
  ['an answer of no tokens', random, { ...RANDOM_QUESTION, maxTokens: 0 }],
  ['a long prompt', random, { ...RANDOM_QUESTION, prompt: 'x'.repeat(60) }],
  ['a digit', digits, digitQuestion(4)],
] as const;

function serve(program: Program, notary: Notary, input: AnswerInput, each?: () => void) {
  program.begin(input);
  notary.begin(input);
  each?.();
  for (let isMore = true; isMore; ) {
    isMore = program.run();
    notary.boundary();
    each?.();
  }
  return notary.claim();
}

const sha = (...parts: (Uint8Array | number[])[]) =>
  createHash('sha256')
    .update(Buffer.concat(parts.map((part) => Uint8Array.from(part))))
    .digest();

describe.each(CASES)('%s', (_name, { open, constants }, question) => {
  test('has the leaves that hashing all of the region gives', () => {
    const program = open();
    const whole: string[] = [];
    const claim = serve(program, createNotary(program, constants), question, () => {
      whole.push(toHex(new RegionTree(answerRegion(program)).root));
    });
    expect(splitHashes(claim.data.leaves)).toEqual(whole);
    expect(claim.n).toBe(whole.length - 1);
  });

  test('is the same whatever was served before, and when asked for in between', () => {
    const fresh = open();
    const wanted = serve(fresh, createNotary(fresh, constants), question);
    const used = open();
    const notary = createNotary(used);
    serve(used, notary, { ...question, maxTokens: 3 });
    used.begin({ ...question, seed: 99 });
    notary.begin({ ...question, seed: 99 });
    used.step(); // an answer that nobody waits for
    notary.boundary();
    expect(serve(used, notary, question, () => notary.boundary())).toEqual(wanted);
    expect(serve(used, notary, question)).toEqual(wanted);
  });

  test('is what a party computes that has to defend it', () => {
    const program = open();
    const claim = serve(program, createNotary(program, constants), question);
    expect(createTracer(program, question).claim()).toEqual(claim);
  });

  test('says in words what its last leaf commits to', () => {
    const program = open();
    const { data } = serve(program, createNotary(program, constants), question);
    const region = writeFacts(data, answerRegion(program).length);
    expect(region).toEqual(answerRegion(program));
    expect(toHex(new RegionTree(region).root)).toBe(splitHashes(data.leaves).at(-1));
    expect(JSON.parse(JSON.stringify(data))).toEqual(data);
  });

  test('has the roots that the protocol says', () => {
    const program = open();
    const claim = serve(program, createNotary(program, constants), question);
    const roots = describeConstants(constants);
    const u32 = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);
    const { answer, vocabulary, weights, work, end } = constants.bounds;
    const edges = [answer, vocabulary, weights, work, end].map((edge) => edge / 256);
    const module = sha([5], constants.codeRoot, u32(roots.codeLength, roots.entryPc));
    const model = sha([4], constants.vocabularyRoot, constants.weightsRoot, u32(...edges));
    const root = sha([3], module, model);
    expect(roots.programRoot).toBe(toHex(root));
    expect(claim.programRoot).toBe(roots.programRoot);
    const input = new RegionTree(encodeInput(question)).root;
    const trace = listRoot(splitHashes(claim.data.leaves).map(fromHex));
    expect(claim.inputRoot).toBe(toHex(input));
    expect(claim.traceRoot).toBe(toHex(trace));
    expect(claim.claimRoot).toBe(toHex(sha([8], root, input, trace, u32(claim.n))));
  });
});

test('an answer that has not ended has no claim', () => {
  const program = random.open();
  const notary = createNotary(program, random.constants);
  const unfinished = expect.objectContaining({ code: 'CLAIM_UNFINISHED' });
  expect(() => notary.claim()).toThrow(unfinished);
  program.begin(RANDOM_QUESTION);
  notary.begin(RANDOM_QUESTION);
  program.run();
  notary.boundary();
  expect(() => notary.claim()).toThrow(unfinished);
});
