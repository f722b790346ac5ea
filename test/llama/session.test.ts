/** Sessions: streaming, sampling, ends, and going on after save and restore. */
import { describe, expect, test } from 'vitest';
import { readGguf } from '../../llama/gguf.js';
import { type MetadataEntry, writeGguf } from '../../llama/gguf-write.js';
import { loadModel } from '../../llama/model.js';
import { createSession, type SessionOptions } from '../../llama/session.js';
import { readVocabulary } from '../../llama/vocabulary.js';
import { evaluateIds, readLogits, sampleId } from './ids.js';
import { PEER_CASES } from './peer-cases.js';
import { type ModelShape, randomMetadata, randomModel, randomTensors } from './random-model.js';
import { bytesSaid, modelThatSays } from './speaking-model.js';
import { createTokenizer } from './tokenizer.js';

const shape: ModelShape = { ...PEER_CASES[4]!.shape, layers: 1 };
const model = loadModel(randomModel(shape));
const oracle = createTokenizer(readVocabulary(readGguf(randomModel(shape))));
/** A character in four tokens. */
const LLAMA = bytesSaid(new TextEncoder().encode('🦙'));
const sampled: SessionOptions = { temperature: 1.2, topP: 0.95, seed: 42 };

function idsOf(options: SessionOptions, count = 40): number[] {
  const session = createSession(model, options);
  session.setPrompt('the tea');
  const start = session.ids.length;
  session.run(count);
  return session.ids.slice(start);
}

describe('an answer', () => {
  test('streams as pieces that join to its text', () => {
    const session = createSession(model, sampled);
    session.setPrompt('the tea');
    const start = session.ids.length;
    const pieces = Array.from({ length: 50 }, () => session.next() ?? '');
    const whole = oracle.decode(session.ids.slice(start));
    // Bytes at the very end may still wait for the rest of their character.
    expect(whole.replace(/\ufffd$/, '')).toBe(pieces.join(''));
    const again = createSession(model, sampled);
    again.setPrompt('the tea');
    expect(again.run(50)).toBe(pieces.join(''));
  });

  test('never gives a part of a character', () => {
    const bytes = loadModel(modelThatSays(LLAMA, true));
    const session = createSession(bytes);
    session.setPrompt('x');
    expect([1, 2, 3, 4].map(() => session.next())).toEqual(['', '', '', '🦙']);
    expect(session.run(6)).toBe('🦙');
    const copy = createSession(bytes);
    copy.restore(session.save());
    expect([copy.next(), copy.next()]).toEqual(['', '🦙']);
  });

  test('ends when the context is full, with what is left of a character', () => {
    const session = createSession(loadModel(modelThatSays(LLAMA, true, 8)));
    session.setPrompt('x');
    expect(session.ids.length).toBe(3);
    expect([1, 2, 3, 4, 5].map(() => session.next()).join('|')).toBe('|||🦙|\ufffd');
    expect(session.next()).toBeUndefined();
    expect(session.state.stopReason).toBe('context');
  });

  test('ends when the model ends it, and goes on after more text', () => {
    const session = createSession(loadModel(modelThatSays([])));
    session.setPrompt('x');
    expect(session.next()).toBeUndefined();
    expect(session.run(5)).toBe('');
    expect(session.state.stopReason).toBe('end');
    session.add(' y');
    expect(session.state.stopReason).toBe('none');
  });
});

describe('a prompt', () => {
  test('that does not fit is refused, and the session is as before', () => {
    const session = createSession(model);
    session.setPrompt('the tea');
    const before = [...session.ids];
    expect(() => session.setPrompt('x'.repeat(200))).toThrow(
      expect.objectContaining({ code: 'SESSION_PROMPT_TOO_LONG' }),
    );
    expect(() => session.add('x'.repeat(200))).toThrow(/128/);
    expect(session.ids).toEqual(before);
  });

  test('is needed', () => {
    expect(() => createSession(model).next()).toThrow(
      expect.objectContaining({ code: 'SESSION_NO_PROMPT' }),
    );
  });

  test('that is empty is refused when no begin token is put first', () => {
    const metadata = randomMetadata(shape).filter(([key]) => !key.endsWith('add_bos_token'));
    const entries: MetadataEntry[] = [...metadata, ['tokenizer.ggml.add_bos_token', 'bool', false]];
    const session = createSession(loadModel(writeGguf(entries, randomTensors(shape))));
    expect(() => session.setPrompt('')).toThrow(
      expect.objectContaining({ code: 'SESSION_NO_PROMPT' }),
    );
    session.setPrompt('tea');
    expect(session.next()).toBeTypeOf('string');
  });

  test('in two parts is the same as in one', () => {
    const whole = createSession(model);
    whole.setPrompt('tea<|user|>sea');
    const parts = createSession(model);
    parts.setPrompt('tea');
    parts.add('<|user|>sea');
    expect(parts.run(10)).toBe(whole.run(10));
  });

  test('is evaluated in batches that tell how far they are', () => {
    const session = createSession(model);
    session.setPrompt('x'.repeat(60));
    const shares: number[] = [];
    do shares.push(session.advance());
    while (shares.at(-1)! < 1);
    expect(shares.length).toBe(Math.ceil(session.ids.length / 16));
    expect([...shares].sort((a, b) => a - b)).toEqual(shares);
  });
});

describe('sampling', () => {
  test('is the same for the same seed, and differs between seeds', () => {
    expect(idsOf(sampled)).toEqual(idsOf(sampled));
    expect(idsOf({ ...sampled, seed: 42n })).toEqual(idsOf(sampled));
    expect(idsOf({ ...sampled, seed: 43 })).not.toEqual(idsOf(sampled));
  });

  test('at temperature 0 or a tiny topP is greedy', () => {
    expect(idsOf({ temperature: 1, topP: 1e-9, seed: 5 })).toEqual(idsOf({}));
    expect(idsOf({ temperature: 0, seed: 5 })).toEqual(idsOf({}));
  });

  test('draws each token as often as its probability says', () => {
    const { program } = loadModel(randomModel(shape));
    evaluateIds(program, [1, 300]);
    const weights = [...readLogits(program, shape.vocabulary)].map((logit) =>
      Math.exp(logit / 0.7),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    const sampler = { temperature: 0.7, topP: 1, random: 1n };
    const draws = 20_000;
    const counts = new Map<number, number>();
    for (let i = 0; i < draws; i++) {
      const id = sampleId(program, [1, 300], sampler);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    weights.forEach((weight, id) => {
      const expected = (draws * weight) / sum;
      // Six standard deviations of a count; the seed is fixed, so this passes or fails for ever.
      expect(Math.abs((counts.get(id) ?? 0) - expected)).toBeLessThan(6 * Math.sqrt(expected) + 6);
    });
  });

  test('draws only from the likeliest tokens that reach topP', () => {
    const { program } = loadModel(randomModel(shape));
    evaluateIds(program, [1, 300]);
    const logits = [...readLogits(program, shape.vocabulary)];
    const weights = logits.map((logit) => Math.exp(logit));
    const sum = weights.reduce((a, b) => a + b, 0);
    const ranked = logits.map((_, id) => id).sort((a, b) => weights[b]! - weights[a]!);
    const kept = new Set<number>();
    for (let mass = 0, i = 0; mass < 0.3 * sum; i++) {
      kept.add(ranked[i]!);
      mass += weights[ranked[i]!]!;
    }
    const sampler = { temperature: 1, topP: 0.3, random: 7n };
    const drawn = new Set(Array.from({ length: 5000 }, () => sampleId(program, [1, 300], sampler)));
    expect([...drawn].filter((id) => !kept.has(id))).toEqual([]);
    expect(drawn.size).toBeGreaterThan(kept.size / 2);
  });

  test('takes the random numbers of SplitMix64', () => {
    const { program } = loadModel(randomModel(shape));
    evaluateIds(program, [1, 300]);
    const sampler = { temperature: 1, topP: 1, random: (1n << 64n) - 1n };
    sampleId(program, [1, 300], sampler);
    expect(sampler.random).toBe(0x9e3779b97f4a7c14n);
  });

  test.each([
    [{ temperature: -1 }, 'temperature'],
    [{ temperature: Number.NaN }, 'temperature'],
    [{ topP: 0 }, 'topP'],
    [{ topP: 1.5 }, 'topP'],
    [{ seed: -1 }, 'seed'],
    [{ seed: 0.5 }, 'seed'],
    [{ seed: 1n << 64n }, 'seed'],
  ])('refuses %o', (options, name) => {
    expect(() => createSession(model, options)).toThrow(
      expect.objectContaining({
        code: 'SESSION_BAD_OPTION',
        details: expect.objectContaining({ name }),
      }),
    );
  });
});

describe('save and restore', () => {
  test('go on with the same tokens, in another model instance too', () => {
    const session = createSession(model, sampled);
    session.setPrompt('the tea');
    session.run(15);
    const state = session.save();
    const expected = session.run(20);
    const copy = createSession(loadModel(randomModel(shape)));
    copy.restore(state);
    expect(copy.run(20)).toBe(expected);
    expect(copy.ids).toEqual(session.ids);
    session.restore(state);
    expect(session.run(20)).toBe(expected);
    expect(state.length).toBeLessThan(500);
  });

  test('two sessions on one model do not disturb each other', () => {
    const first = createSession(model, sampled);
    const second = createSession(model, { ...sampled, seed: 9 });
    first.setPrompt('the tea');
    second.setPrompt('the tea of the sea');
    const texts = ['', ''];
    for (let i = 0; i < 20; i++) {
      texts[0] += first.next() ?? '';
      texts[1] += second.next() ?? '';
    }
    const alone = createSession(model, { ...sampled, seed: 9 });
    alone.setPrompt('the tea of the sea');
    expect(texts).toEqual([oracle.decode(idsOf(sampled, 20)), alone.run(20)]);
  });

  test('keep how an answer is sampled before there is a prompt', () => {
    const copy = createSession(model);
    copy.restore(createSession(model, sampled).save());
    copy.setPrompt('the tea');
    copy.run(20);
    expect(copy.ids.slice(-20)).toEqual(idsOf(sampled, 20));
  });

  test.each(['', '{}', 'some other bytes, longer than what a session begins with'])(
    'refuse the state %o',
    (state) => {
      const session = createSession(model);
      expect(() => session.restore(new TextEncoder().encode(state))).toThrow(
        expect.objectContaining({ code: 'SESSION_BAD_STATE' }),
      );
    },
  );

  test('refuse a state that was cut, changed or made for a larger model', () => {
    const session = createSession(model);
    session.setPrompt('the tea');
    session.run(5);
    const state = session.save();
    const refuses = (bytes: Uint8Array) =>
      expect(() => createSession(model).restore(bytes)).toThrow(
        expect.objectContaining({ code: 'SESSION_BAD_STATE' }),
      );
    refuses(state.subarray(0, state.length - 1));
    refuses(Buffer.concat([state, Uint8Array.of(0)]));
    const changed = state.slice();
    new DataView(changed.buffer).setUint32(changed.length - 4, 384, true);
    refuses(changed);
  });
});
