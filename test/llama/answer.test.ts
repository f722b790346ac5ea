/** What an answer is made of: its input as bytes, its text, and every way in which it ends. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readGguf } from '../../llama/gguf.js';
import { type AnswerInput, encodeInput, openProgram, type Program } from '../../llama/program.js';
import { readVocabulary } from '../../llama/vocabulary.js';
import { PEER_CASES, PEER_VOCABULARY } from './peer-cases.js';
import { randomModel } from './random-model.js';
import { bytesSaid, modelThatSays, type Said } from './speaking-model.js';
import { createTokenizer } from './tokenizer.js';

function answer(said: readonly Said[], input: Partial<AnswerInput> = {}, contextLength = 128) {
  const program = openProgram(modelThatSays(said, false, contextLength));
  program.begin({ prompt: 'x', maxTokens: 100, ...input });
  while (program.run());
  const { memory, bounds } = program;
  const region = memory.subarray(bounds.answer, bounds.vocabulary);
  return { ...program.readAnswer(), region };
}

/** Halves of characters as an encoder writes them. */
const wellFormed = (text: string) => Buffer.from(text).toString();
const words = (...texts: string[]): Said[] => texts.map((text) => ({ text }));

describe('the input', () => {
  test('is laid out as a reader of its bytes expects', () => {
    const region = encodeInput({
      prompt: 'tea',
      maxTokens: 20,
      temperature: 0.5,
      topP: 0.25,
      seed: 0x0123456789abcdefn,
      stops: ['é', '<|end|>'],
      trim: true,
    });
    const view = new DataView(region.buffer);
    expect(region.length).toBe(65536);
    expect([0, 4, 24, 28].map((at) => view.getUint32(at, true))).toEqual([3, 20, 1, 2]);
    expect([8, 12].map((at) => view.getFloat32(at, true))).toEqual([0.5, 0.25]);
    expect(view.getBigUint64(16, true)).toBe(0x0123456789abcdefn);
    const stops = Buffer.from('\x02\x00\xc3\xa9\x07\x00<|end|>', 'latin1');
    expect(Buffer.compare(region.subarray(64, 64 + stops.length), stops)).toBe(0);
    expect(Buffer.from(region.subarray(4096, 4099)).toString()).toBe('tea');
    expect(region.filter((byte) => byte !== 0).length).toBe(29);
  });

  test('takes bytes as they are', () => {
    expect(encodeInput({ prompt: Uint8Array.of(0xff, 0), maxTokens: 1 })[4096]).toBe(0xff);
  });

  test.each([
    [{ maxTokens: -1 }, 'maxTokens'],
    [{ maxTokens: 1.5 }, 'maxTokens'],
    [{ temperature: 1e39 }, 'temperature'],
    [{ stops: [''] }, 'stops'],
    [{ stops: Array(9).fill('x') }, 'stops'],
    [{ stops: ['x'.repeat(4100)] }, 'stops'],
  ])('refuses %o', (options, name) => {
    expect(() => encodeInput({ prompt: '', maxTokens: 1, ...options })).toThrow(
      expect.objectContaining({
        code: 'SESSION_BAD_OPTION',
        details: expect.objectContaining({ name }),
      }),
    );
  });

  test('has room for 61,440 bytes of a prompt', () => {
    expect(encodeInput({ prompt: 'x'.repeat(61_440), maxTokens: 1 })[65_535]).toBe(0x78);
    expect(() => encodeInput({ prompt: 'x'.repeat(61_441), maxTokens: 1 })).toThrow(
      expect.objectContaining({ code: 'SESSION_PROMPT_TOO_LONG' }),
    );
  });
});

describe('an answer ends', () => {
  test('when the model ends it', () => {
    const { status, stopReason, text, tokens, ids } = answer(words('a', 'b'));
    expect({ status, stopReason, text, tokens }).toEqual({
      status: 'done',
      stopReason: 'end',
      text: 'ab',
      tokens: 2,
    });
    expect(ids.slice(-2)).toEqual([300, 301]);
  });

  test('after as many tokens as were asked for', () => {
    expect(answer(words('a', 'b', 'c'), { maxTokens: 2 })).toMatchObject({
      stopReason: 'length',
      text: 'ab',
      tokens: 2,
    });
    expect(answer(words('a'), { maxTokens: 0 })).toMatchObject({ stopReason: 'length', tokens: 0 });
  });

  test('when the context is full', () => {
    const { stopReason, text, promptTokens } = answer(words('a', 'b', 'c'), {}, 5);
    expect({ stopReason, text, promptTokens }).toEqual({
      stopReason: 'context',
      text: 'ab',
      promptTokens: 3,
    });
  });

  test('at once when the prompt fills the context', () => {
    const input = { prompt: 'a b c d e f' };
    expect(answer(words('a'), input, 4)).toMatchObject({
      status: 'done',
      stopReason: 'context',
      promptTokens: 4,
      tokens: 0,
    });
  });

  test('when there is no room for more text', () => {
    const { stopReason, text, tokens } = answer(
      words(...Array.from({ length: 5 }, (_, i) => `${i}`.repeat(7000))),
    );
    expect(stopReason).toBe('length');
    expect(tokens).toBe(5);
    expect(text).toBe('0123'.replace(/./g, (digit) => digit.repeat(7000)) + '4'.repeat(4512));
  });

  test('before a stop text, and counts the token that held it', () => {
    const { stopReason, stopIndex, text, tokens, region } = answer(words('a', 'b<|us', 'er|>c'), {
      stops: ['<|x|>', '<|user|>'],
    });
    expect({ stopReason, stopIndex, text, tokens }).toEqual({
      stopReason: 'stop',
      stopIndex: 2,
      text: 'ab',
      tokens: 3,
    });
    expect(region.subarray(256 + 2, 0x8000).every((byte) => byte === 0)).toBe(true);
  });

  test.each([
    [['b', 'a'], 2, ''],
    [['bc', 'b'], 1, 'a'],
    [['c', 'bcd', 'cd'], 2, 'a'],
    [['x', 'd'], 2, 'abc'],
  ])('before the first of %o', (stops, stopIndex, text) => {
    expect(answer(words('abcd'), { stops })).toMatchObject({ stopReason: 'stop', stopIndex, text });
  });

  test('by a stop text that is the very first thing', () => {
    expect(answer(words('stop'), { stops: ['stop'] })).toMatchObject({ text: '', tokens: 1 });
  });
});

describe('the text', () => {
  test('loses white space at its start, and nowhere else, when asked', () => {
    const said = words(' \n', '\t ', 'a ', ' b ');
    expect(answer(said, { trim: true }).text).toBe('a  b ');
    expect(answer(said).text).toBe(' \n\t a  b ');
    expect(answer(words(' ', '\n'), { trim: true }).text).toBe('');
  });

  test('is what the WHATWG decoder makes of the bytes', () => {
    const byte = fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(...[0xc3, 0xa9, 0xe0, 0xa0, 0xed, 0x9f, 0xf0, 0x90, 0x9f, 0xa6, 0x99, 0xf4]),
      fc.constantFrom(...[0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xf5, 0xff, 0xef, 0xbb, 0xbf, 0x41]),
    );
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.array(byte), (any, edgy) => {
        for (const bytes of [any, Uint8Array.from(edgy.slice(0, 60))]) {
          const { text } = answer(bytesSaid(bytes));
          expect(text).toBe(decoder.decode(bytes));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('of a character that the end cuts is U+FFFD, once', () => {
    const { text, region } = answer(bytesSaid([0xf0, 0x9f, 0xa6]));
    expect(text).toBe('\ufffd');
    expect(region.subarray(32, 40)).toEqual(new Uint8Array(8));
  });
});

describe('a prompt', () => {
  const bytes = randomModel(PEER_VOCABULARY);
  const program = openProgram(bytes);
  const oracle = createTokenizer(readVocabulary(readGguf(bytes)));
  const idsOf = (prompt: string | Uint8Array) => {
    program.begin({ prompt, maxTokens: 0 });
    program.step();
    return program.readAnswer().ids;
  };

  test('of any text is split as the oracle splits it', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.string({ unit: fc.constantFrom(...'tea osinht  \n\u2581🦙é<|'), maxLength: 20 }),
      fc.constantFrom('<|user|>', '<|assistant|>', '<|system|>', '</s>', '<0x41>', ' ', '  '),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const text = wellFormed(parts.join('').slice(0, 90));
        const expected = oracle.encode(text);
        fc.pre(expected.length < 128);
        expect(idsOf(text)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  test('that is not UTF-8 is split into its bytes', () => {
    const ids = idsOf(Uint8Array.of(0xff, 0x80, 0xe2, 0x41));
    expect(ids.slice(2)).toEqual([0xff, 0x80, 0xe2, 0x41].map((byte) => 3 + byte));
  });

  test('of the most bytes is split, too', () => {
    const long = openProgram(randomModel({ ...PEER_VOCABULARY, contextLength: 8192 }), {
      contextLength: 8192,
    });
    for (const text of ['etaoinetao'.repeat(6144), 'Ω'.repeat(30_720), ' '.repeat(61_440)]) {
      long.begin({ prompt: text, maxTokens: 0 });
      long.step();
      const expected = oracle.encode(text).slice(0, 8192);
      expect(long.readAnswer()).toMatchObject({ stopReason: 'context', ids: expected });
    }
  });
});

describe('a value that is not finite', () => {
  /** What operators leave to one another, and the caches behind it, as bits of floats. */
  const leftBy = ({ memory, bounds }: Program) => {
    const scratch = new Uint32Array(memory.buffer, bounds.vocabulary)[6]!;
    return new Uint32Array(memory.buffer, scratch, (bounds.end - scratch) / 4);
  };
  const holdsFinite = (bits: number) => (bits & 0x7f800000) !== 0x7f800000;

  test.each([
    ['output_norm.weight', 3e38],
    ['blk.0.attn_norm.weight', 3e38],
    ['blk.0.attn_k.weight', 3e38],
    ['token_embd.weight', Number.NaN],
  ])('in %s ends the answer, and no NaN stays in memory', (name, value) => {
    const bytes = randomModel({ ...PEER_CASES[0]!.shape, layers: 1 });
    const { data } = readGguf(bytes).tensors.get(name)!;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    for (let at = 0; at < data.length; at += 4) view.setFloat32(at, value, true);
    const program = openProgram(bytes);
    program.begin({ prompt: 'the tea', maxTokens: 5 });
    while (program.readAnswer().status !== 'done') {
      program.step();
      expect(leftBy(program).every(holdsFinite)).toBe(true);
    }
    expect(program.readAnswer()).toMatchObject({ stopReason: 'fault', tokens: 0, text: '' });
    const header = new Uint32Array(program.memory.buffer, program.bounds.vocabulary);
    const [scratch, scratchEnd] = [header[6]!, header[7]!];
    expect(program.memory.subarray(scratch, scratchEnd).every((byte) => byte === 0)).toBe(true);
    expect(scratchEnd - scratch).toBeGreaterThan(10_000);
  });

  test('does not outlive the operator that made it, whichever that is', () => {
    const program = openProgram(randomModel({ ...PEER_CASES[0]!.shape, layers: 1 }));
    const { bounds } = program;
    const left = leftBy(program);
    let faults = 0;
    for (let index = 1; ; index++) {
      program.restart(new Uint8Array(bounds.vocabulary - bounds.answer));
      program.begin({ prompt: 'the tea', maxTokens: 1 });
      for (let i = 0; i < index && program.readAnswer().tokens === 0; i++) program.step();
      if (program.readAnswer().tokens > 0) break;
      // All that the operator can read overflows when it is multiplied, or added to itself.
      new Float32Array(left.buffer, left.byteOffset, left.length).fill(3e38);
      program.step();
      if (program.readAnswer().stopReason === 'fault') faults += 1;
      expect(left.every(holdsFinite), `operator ${index}`).toBe(true);
    }
    expect(faults).toBeGreaterThan(8);
  });
});
