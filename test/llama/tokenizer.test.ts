/** Text to ids and back. That the ids are llama.cpp's is tested in test/conformance. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readGguf } from '../../llama/gguf.js';
import { type MetadataEntry, writeGguf } from '../../llama/gguf-write.js';
import { readVocabulary } from '../../llama/vocabulary.js';
import { vocabularyMetadata } from './random-model.js';
import { createTokenizer } from './tokenizer.js';

function tokenizerOf(metadata: readonly MetadataEntry[]) {
  return createTokenizer(readVocabulary(readGguf(writeGguf(metadata, []))));
}

const tokenizer = tokenizerOf(vocabularyMetadata(2000));
const { texts, idOf } = tokenizer.vocabulary;
const wordsOf = (text: string) => tokenizer.encode(text).map((id) => texts[id]);

describe('encode', () => {
  test('puts a begin token and a space first, and joins by score', () => {
    expect(wordsOf('tea')).toEqual(['<s>', '▁t', 'ea']);
    expect(wordsOf('')).toEqual(['<s>']);
  });

  test('continues a text with neither', () => {
    const ids = tokenizer.encode('tea', { continued: true });
    expect(ids.map((id) => texts[id])).toEqual(['t', 'ea']);
  });

  test('writes what the vocabulary lacks as bytes', () => {
    expect(wordsOf('AΩ')).toEqual(['<s>', '▁', '<0x41>', '<0xCE>', '<0xA9>']);
  });

  test('recognises user-defined tokens, and control tokens only when asked', () => {
    const text = '<|user|>hi</s>';
    const end = idOf.get('</s>');
    expect(tokenizer.encode(text)).toContain(idOf.get('<|user|>'));
    expect(tokenizer.encode(text)).not.toContain(end);
    expect(tokenizer.encode(text, { control: true }).at(-1)).toBe(end);
  });

  test.each([
    [1, ['ta', 'ta']],
    [9, ['tat', 'a']],
  ])('joins the pair of the highest score, the leftmost of equal ones (%i)', (score, expected) => {
    const metadata = vocabularyMetadata(300).map((entry): MetadataEntry => {
      if (entry[0] === 'tokenizer.ggml.tokens') {
        const added = [...(entry[2] as string[])];
        added.splice(-3, 3, 'ta', 'at', 'tat');
        return [entry[0], 'strings', added];
      }
      if (entry[0] !== 'tokenizer.ggml.scores') return entry;
      const scores = [...(entry[2] as number[])];
      scores.splice(-3, 3, 5, 5, score);
      return [entry[0], 'f32s', scores];
    });
    const custom = tokenizerOf(metadata);
    const pieces = custom.encode('tata', { continued: true });
    expect(pieces.map((id) => custom.vocabulary.texts[id])).toEqual(expected);
  });

  test('takes time in proportion to a long text', () => {
    expect(tokenizer.encode('tea '.repeat(20_000)).length).toBeGreaterThan(20_000);
  });
});

describe('decode', () => {
  const roundTrips = (text: string) => {
    const prefix = text === '' ? '' : ' ';
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(prefix + text);
    expect(tokenizer.decode(tokenizer.encode(text, { continued: true }))).toBe(text);
  };
  // Marks may begin a text, and then no space is put first; the escape of a space reads as one.
  const isPlain = (text: string) => !text.includes('\u2581') && !text.includes('<|');

  const codePoint = fc.oneof(
    fc.integer({ min: 0, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0x10ffff }),
    fc.constantFrom(...'tea \n🦙éZ').map((char) => char.codePointAt(0)!),
  );
  const anyText = fc
    .array(codePoint, { maxLength: 80 })
    .map((points) => String.fromCodePoint(...points))
    .filter(isPlain);

  test('gives back any text', () => {
    fc.assert(fc.property(anyText, roundTrips), { numRuns: 1000 });
  });

  test('leaves control tokens out and marks broken bytes', () => {
    const byte = (value: number) => tokenizer.vocabulary.byteIds[value]!;
    expect(tokenizer.decode([1, 2, 0])).toBe('');
    expect(tokenizer.decode([byte(0xf0), byte(0x9f), byte(0xa6), byte(0x99)])).toBe('🦙');
    expect(tokenizer.decode([byte(0xf0), byte(0x9f), byte(0x41)])).toBe('\ufffdA');
  });
});
