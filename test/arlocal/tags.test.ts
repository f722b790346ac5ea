import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeTags, encodeTags, TAG_LIMITS, type Tag } from '../../arlocal/tags.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const tag = (name: string, value: string): Tag => ({ name, value });

describe('encoding', () => {
  test('writes the AVRO array of ANS-104', () => {
    expect(Buffer.from(encodeTags([tag('a', 'bc'), tag('é', '')])).toString('hex')).toBe(
      ['04', '02', '61', '04', '6263', '04', 'c3a9', '00', '00'].join(''),
    );
    expect(encodeTags([])).toHaveLength(0);
  });

  test('is undone by decoding, for any text', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 });
    const anyTag = fc.record({ name: text, value: text });
    fc.assert(
      fc.property(fc.array(anyTag, { maxLength: 20 }), (tags) => {
        expect(decodeTags(encodeTags(tags))).toEqual(tags);
      }),
      { seed: 1 },
    );
  });

  test('refuses a value that is not a string, and says which', () => {
    const tags = [tag('Action', 'Transfer'), { name: 'Quantity', value: 42 } as unknown as Tag];
    expect(() => encodeTags(tags)).toThrow('Tag 1 (Quantity) has a value of type number.');
  });
});

describe('limits', () => {
  const cases: [string, Tag[], string][] = [
    [
      'count',
      Array.from({ length: 129 }, () => tag('a', 'b')),
      'Too many tags: 129, the limit is 128 tags',
    ],
    [
      'name',
      [tag('n'.repeat(1025), '')],
      'The name of tag 0 is too long: 1025, the limit is 1024 bytes',
    ],
    [
      'value',
      [tag('a', 'é'.repeat(1537))],
      'The value of tag 0 is too long: 3074, the limit is 3072 bytes',
    ],
    [
      'total',
      [tag('a', 'v'.repeat(3000)), tag('b', 'v'.repeat(1100))],
      'The tags together are too long: 4110, the limit is 4096 bytes',
    ],
  ];
  test.each(cases)('the %s is bounded, and the error names the bound', (_, tags, message) => {
    expect(() => encodeTags(tags)).toThrow(message);
  });

  test('a set of tags at every limit passes', () => {
    const tags = [tag('n'.repeat(TAG_LIMITS.nameBytes), 'v'.repeat(TAG_LIMITS.valueBytes - 20))];
    expect(decodeTags(encodeTags(tags))).toEqual(tags);
  });
});

describe('decoding', () => {
  test('reads several blocks, and blocks with their size', () => {
    expect(decodeTags(hex('02 02 61 02 62   01 08 02 63 02 64   00'))).toEqual([
      tag('a', 'b'),
      tag('c', 'd'),
    ]);
  });

  const broken: [string, string, string][] = [
    ['no end', '02 02 61 02 62', 'they end inside a number'],
    ['bytes after the end', '02 02 61 02 62 00 00', 'left over'],
    ['a text past the end', '02 02 61 7f 62 00', 'negative length'],
    ['a length past the end', '02 02 61 40 62 00', 'they end inside a value'],
    ['broken UTF-8', '02 02 61 02 ff 00', 'a value is not UTF-8'],
    ['an endless number', 'ff ff ff ff ff 00', 'a number is too long'],
  ];
  test.each(broken)('refuses %s', (_, bytes, reason) => {
    expect(() => decodeTags(hex(bytes))).toThrow(reason);
  });

  test('keeps a replacement character that was sent as one', () => {
    expect(decodeTags(encodeTags([tag('a', '\ufffd')]))).toEqual([tag('a', '\ufffd')]);
  });
});
