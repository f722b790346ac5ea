/**
 * The engine answers as llama.cpp does: the same greedy tokens, logits within the bound that each case
 * states, and the same ids for texts. Against recorded answers always; against llama.cpp itself when
 * it is installed as a peer.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openProgram } from '../../llama/program.js';
import { evaluateIds, GREEDY, readLogits, sampleId } from '../llama/ids.js';
import { continueWithPeer, findPeer, tokenizeWithPeer } from '../llama/llama-cpp-peer.js';
import {
  PEER_CASES,
  PEER_GREEDY,
  PEER_LOGIT_STEPS,
  PEER_PROMPT,
  PEER_TEXTS,
  PEER_VOCABULARY,
} from '../llama/peer-cases.js';
import { randomModel } from '../llama/random-model.js';
import { hashModel, type Recording, record, VECTORS_URL } from '../llama/record-llama-cpp.js';

const DEMO_MODEL = new URL('../../models/corral-llama.gguf', import.meta.url);
const DEMO_VECTORS = new URL('../vectors/demo-model.json', import.meta.url);
const recorded: Recording = JSON.parse(readFileSync(VECTORS_URL, 'utf8'));
const peer = await findPeer();
if (typeof peer === 'string') console.log(`llama.cpp itself is not asked: ${peer}`);

const arms: [string, () => Promise<Recording>][] = [
  [`recorded from ${recorded.source}`, async () => recorded],
];
if (typeof peer !== 'string') {
  const live = record(peer);
  arms.push([`live ${peer.version}`, () => live]);
}

describe.each(arms)('llama.cpp, %s', (_, load) => {
  test.each(PEER_CASES)('agrees on $name', async ({ name, shape, bound }) => {
    const answer = (await load()).cases.find((entry) => entry.name === name)!;
    const bytes = randomModel(shape);
    expect(hashModel(bytes), 'the case changed: record it again').toBe(answer.model);
    const { greedy, logits } = askEngine(bytes, shape.vocabulary);
    expect(greedy).toEqual(answer.greedy);
    logits.forEach((row, step) => {
      const errors = [...row].map((logit, id) => Math.abs(logit - answer.logits[step]![id]!));
      expect(errors.length).toBe(shape.vocabulary);
      expect(Math.max(...errors)).toBeLessThan(bound);
    });
  });

  test('splits texts into the same ids', async () => {
    const program = openProgram(randomModel(PEER_VOCABULARY));
    const { texts } = await load();
    expect(texts.map(({ text }) => text)).toEqual(PEER_TEXTS);
    for (const { text, ids } of texts) {
      program.begin({ prompt: text, maxTokens: 0 });
      program.step();
      const [begin, ...rest] = program.readAnswer().ids;
      expect(begin).toBe(1);
      expect(rest, JSON.stringify(text)).toEqual(ids);
    }
  });
});

test.skipIf(typeof peer === 'string')(
  'llama.cpp answers with the demo model as we do',
  async () => {
    if (typeof peer === 'string') return;
    const bytes = readFileSync(DEMO_MODEL);
    const { vectors, maxTokens } = JSON.parse(readFileSync(DEMO_VECTORS, 'utf8')) as {
      vectors: { prompt: string; promptIds: number[]; ids: number[]; margin: number }[];
      maxTokens: number;
    };
    // A smaller lead can be lost to the rounding of activations, which llama.cpp does as well.
    const clear = vectors.filter(({ margin }) => margin > 1);
    expect(clear.length).toBeGreaterThanOrEqual(8);
    const prompts = clear.map(({ promptIds }) => promptIds);
    const split = await tokenizeWithPeer(
      peer,
      bytes,
      clear.map(({ prompt }) => prompt),
    );
    expect(split).toEqual(prompts.map(([_begin, ...rest]) => rest));
    const answers = await continueWithPeer(peer, bytes, prompts, { count: maxTokens, endId: 2 });
    expect(answers).toEqual(clear.map(({ ids }) => ids));
  },
);

function askEngine(bytes: Uint8Array, vocabulary: number) {
  const program = openProgram(bytes);
  const ids = [...PEER_PROMPT];
  const greedy: number[] = [];
  const logits: Float32Array[] = [];
  while (greedy.length < PEER_GREEDY) {
    evaluateIds(program, ids);
    if (PEER_LOGIT_STEPS.includes(greedy.length)) logits.push(readLogits(program, vocabulary));
    const id = sampleId(program, ids, { ...GREEDY });
    greedy.push(id);
    ids.push(id);
  }
  return { greedy, logits };
}
