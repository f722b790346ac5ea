/** The kernel's digests, key derivation and AES against Node's, over lengths around their blocks. */
import { createCipheriv, createHash, pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createTestProcess } from './console.js';

const process = createTestProcess();
process.evaluate(
  "C = require('.crypto') S = C.utils.stream.fromString A = C.utils.array.fromString",
);

const LENGTHS = [0, 1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 135, 136, 137, 200, 1000];

describe.each([
  ['md5', 'md5', true],
  ['sha1', 'sha1', true],
  ['sha2_256', 'sha256', true],
  ['sha2_512', 'sha512', false],
  ['sha3_256', 'sha3-256', false],
  ['sha3_512', 'sha3-512', false],
  ['blake2b', 'blake2b512', false],
] as const)('%s', (ours, theirs, takesStream) => {
  it.each(LENGTHS)('of %i bytes', (length) => {
    const text = `string.rep('x', ${length})`;
    const input = takesStream ? `S(${text})` : text;
    expect(process.evaluate(`return C.digest.${ours}(${input}).asHex()`)).toBe(
      createHash(theirs).update('x'.repeat(length)).digest('hex'),
    );
  });
});

// Not in Node; from the documents that define them (RFC 1319, RFC 1320, the Keccak submission).
it.each([
  ['md2', "S('abc')", 'da853b0d3f88d99b30283a69e6ded6bb'],
  ['md4', "S('abc')", 'a448017aaf21d8525fc10ae87aa6729d'],
  ['keccak256', "'abc'", '4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45'],
])('%s of abc', (name, input, digest) => {
  expect(process.evaluate(`return C.digest.${name}(${input}).asHex()`)).toBe(digest);
});

it.each(['sha1', 'sha256'])('pbkdf2 with %s', (digest) => {
  const call = `C.kdf.pbkdf2(A('password'), A('salt'), 50, 45, '${digest}')`;
  expect(process.evaluate(`return ${call}.asHex()`)).toBe(
    pbkdf2Sync('password', 'salt', 50, 45, digest).toString('hex').toUpperCase(),
  );
});

describe('aes', () => {
  const text = '0123456789abcdef'.repeat(5);
  const iv = 'fedcba9876543210';
  const cases = [128, 192, 256].flatMap((bits) =>
    ['CBC', 'ECB', 'CFB', 'OFB', 'CTR'].map((mode) => [mode, bits] as const),
  );
  it.each(cases)('%s with a key of %i bits', (mode, bits) => {
    const key = 'k'.repeat(bits / 8);
    const cipher = createCipheriv(
      `aes-${bits}-${mode.toLowerCase()}`,
      key,
      mode === 'ECB' ? null : iv,
    );
    cipher.setAutoPadding(false);
    const hex = Buffer.concat([cipher.update(text), cipher.final()])
      .toString('hex')
      .toUpperCase();
    const options = `'${key}', '${iv}', '${mode}', ${bits}`;
    expect(process.evaluate(`return C.cipher.aes.encrypt('${text}', ${options}).asHex()`)).toBe(
      hex,
    );
    expect(process.evaluate(`return C.cipher.aes.decrypt('${hex}', ${options}).asString()`)).toBe(
      text,
    );
  });
});

describe.each([
  ['morus', "('k'):rep(16), ('n'):rep(16), TEXT, 'head'", "('k'):rep(16), ('n'):rep(16), TEXT, 4"],
  [
    'norx',
    "('k'):rep(32), ('n'):rep(32), TEXT, 'head', 'tail'",
    "('k'):rep(32), ('n'):rep(32), TEXT, 'head', 'tail'",
  ],
])('%s', (name, encryptArguments, decryptArguments) => {
  it.each([0, 1, 32, 95, 96, 97, 300])(
    'gives back %i bytes and refuses them when changed',
    (length) => {
      const plain = `string.rep('p', ${length})`;
      process.evaluate(
        `E = C.cipher.${name}.encrypt(${encryptArguments.replace('TEXT', plain)}).asString()`,
      );
      const decrypt = (text: string) =>
        process.evaluate(
          `return tostring((C.cipher.${name}.decrypt(${decryptArguments.replace('TEXT', text)})))`,
        );
      expect(decrypt('E')).toBe('p'.repeat(length));
      expect(decrypt('E:sub(1, -2) .. string.char(E:byte(-1) ~ 1)')).toBe('nil');
    },
  );
});
