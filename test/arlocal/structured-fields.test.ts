import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArlocalError } from '../../arlocal/errors.js';
import { parseDictionary } from '../../arlocal/structured-fields.js';

describe('dictionaries of structured fields', () => {
  test('the example of RFC 9421, section 4.1', () => {
    const text =
      'sig1=("@method" "@target-uri" "content-digest");created=1618884475;keyid="test-key"';
    const member = parseDictionary(text).get('sig1');
    const items = member?.value as readonly { value: unknown }[];
    expect(items.map(({ value }) => value)).toEqual(['@method', '@target-uri', 'content-digest']);
    expect([...(member?.parameters ?? [])]).toEqual([
      ['created', 1618884475],
      ['keyid', 'test-key'],
    ]);
    expect(member?.text).toBe(text.slice('sig1='.length));
  });

  test('every kind of value', () => {
    const text = 'a=:aGk=:, b="x\\"y", c=1.5,d=?1;p, e=token/x;q=?0,f, g=()';
    const members = parseDictionary(text);
    const values = [...members].map(([key, { value }]) => [key, value]);
    expect(values).toEqual([
      ['a', Buffer.from('hi')],
      ['b', 'x"y'],
      ['c', 1.5],
      ['d', true],
      ['e', 'token/x'],
      ['f', true],
      ['g', []],
    ]);
    expect(members.get('d')?.parameters.get('p')).toBe(true);
  });

  test('bytes in base64url, as aoconnect writes a digest', () => {
    const member = parseDictionary('sha-256=:-_-_:').get('sha-256');
    expect(member?.value).toEqual(Buffer.from('-_-_', 'base64url'));
  });

  test.each(['a=', 'A=1', 'a=1,', 'a=("b""c")', 'a=("b"', 'a="b', 'a=1 b=2', 'a=:b'])(
    'refuses %s',
    (text) => {
      expect(() => parseDictionary(text)).toThrow(ArlocalError);
    },
  );

  test('any text is read or refused with our own error, in linear time', () => {
    const symbol = fc.constantFrom(...'ab=:",;()? \\1-.*');
    fc.assert(
      fc.property(fc.array(symbol, { maxLength: 60 }), (symbols) => {
        try {
          parseDictionary(symbols.join(''));
        } catch (error) {
          expect((error as ArlocalError).code).toBe('HTTP_SIGNATURE_MALFORMED');
        }
      }),
      { numRuns: 5000 },
    );
    expect(() => parseDictionary(`a=("${'b'.repeat(100_000)}`)).toThrow(ArlocalError);
  });
});
