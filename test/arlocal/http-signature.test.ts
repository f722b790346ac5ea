/**
 * Signatures of requests, against what aoconnect sent, and against everything that may be changed on
 * the way.
 */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { devWallet } from '../../arlocal/dev-wallets.js';
import type { ArlocalError } from '../../arlocal/errors.js';
import { sha256 } from '../../arlocal/hashing.js';
import { readHttpRequest, writeHttpRequest } from '../../arlocal/http-message.js';
import { type HttpRequest, verifyHttpSignature } from '../../arlocal/http-signature.js';
import { walletFromSeed } from '../../arlocal/wallet.js';
import { signRequest, withHeaders } from './signed-requests.js';

const wallet = walletFromSeed(1, 'signer');

/** What aoconnect sent; see the comment in the file. */
const vectors = (
  JSON.parse(readFileSync(new URL('../vectors/http-signatures.json', import.meta.url), 'utf8')) as {
    requests: {
      name: string;
      method: string;
      target: string;
      headers: Record<string, string>;
      body: string;
    }[];
  }
).requests.map(({ headers, body, ...rest }) => ({
  ...rest,
  headers: new Map(Object.entries(headers)),
  body: Buffer.from(body, 'base64'),
}));

function refusal(request: HttpRequest): string | undefined {
  try {
    verifyHttpSignature(request);
    return undefined;
  } catch (error) {
    return (error as ArlocalError).code;
  }
}

const digestOf = (body: Uint8Array, encoding: BufferEncoding = 'base64') =>
  `sha-256=:${sha256(body).toString(encoding)}:`;

describe('what aoconnect signs', () => {
  test.each(vectors)('$name', (request) => {
    const { address, owner } = devWallet('alice').wallet;
    const signature = verifyHttpSignature(request);
    expect(signature).toMatchObject({ address, owner, signatureType: 1 });
    const raw = /:(.*):/.exec(request.headers.get('signature') ?? '')?.[1] ?? '';
    expect(signature?.id).toBe(sha256(Buffer.from(raw, 'base64')).toString('base64url'));
  });

  test.each(vectors)('$name, with any field changed, is refused', (request) => {
    for (const field of verifyHttpSignature(request)?.fields ?? []) {
      const changed = `${request.headers.get(field)}x`;
      expect(refusal(withHeaders(request, { [field]: changed }))).toBe('HTTP_SIGNATURE_INVALID');
    }
  });
});

describe('a signed request', () => {
  const fields = { action: 'Eval', data: '1 + 1', target: 'T' };

  test('tells who signed it, and what', () => {
    const signature = verifyHttpSignature(signRequest(wallet, { fields }));
    expect(signature).toMatchObject({
      address: wallet.address,
      signatureType: 2,
      fields: ['action', 'data', 'target'],
    });
  });

  test('is anonymous without a signature, and with an hmac that all can make', () => {
    expect(
      verifyHttpSignature({
        method: 'GET',
        target: '/',
        headers: new Map(),
        body: Buffer.alloc(0),
      }),
    ).toBeUndefined();
    const input = '("a");alg="hmac-sha256";keyid="ao"';
    const mac = createHmac('sha256', 'ao').update(`"a": 1\n"@signature-params": ${input}`);
    const request = {
      method: 'GET',
      target: '/',
      headers: new Map([
        ['a', '1'],
        ['signature-input', `h=${input}`],
        ['signature', `h=:${mac.digest('base64')}:`],
      ]),
      body: Buffer.alloc(0),
    };
    expect(verifyHttpSignature(request)).toBeUndefined();
    expect(refusal(withHeaders(request, { a: '2' }))).toBe('HTTP_SIGNATURE_INVALID');
  });

  test('may cover the request line', () => {
    const covers = ['@method', '@path', '@query', '@request-target'];
    const request = signRequest(wallet, { target: '/a/b?c=d', covers });
    expect(verifyHttpSignature(request)?.fields).toEqual([]);
    expect(refusal({ ...request, method: 'GET' })).toBe('HTTP_SIGNATURE_INVALID');
    expect(refusal({ ...request, target: '/a/b?c=e' })).toBe('HTTP_SIGNATURE_INVALID');
  });

  test('with another key in it is refused', () => {
    const request = signRequest(wallet, { fields });
    const input = request.headers.get('signature-input') ?? '';
    const other = input.replace(wallet.owner, walletFromSeed(1, 'other').owner);
    expect(refusal(withHeaders(request, { 'signature-input': other }))).toBe(
      'HTTP_SIGNATURE_INVALID',
    );
    const short = input.replace(wallet.owner, 'c2hvcnQ');
    expect(refusal(withHeaders(request, { 'signature-input': short }))).toBe('PUBLIC_KEY_INVALID');
  });

  test.each([
    ['without its field', { action: undefined }, 'HTTP_FIELD_MISSING'],
    ['without its signature', { signature: undefined }, 'HTTP_SIGNATURE_MALFORMED'],
    ['without its input', { 'signature-input': undefined }, 'HTTP_SIGNATURE_MALFORMED'],
    ['with a broken input', { 'signature-input': 'sig=(' }, 'HTTP_SIGNATURE_MALFORMED'],
  ])('%s is refused', (_, changes, code) => {
    expect(refusal(withHeaders(signRequest(wallet, { fields }), changes))).toBe(code);
  });

  test.each([
    ['an unknown algorithm', 'alg="ed25519"', 'alg="none"', 'HTTP_SIGNATURE_UNSUPPORTED'],
    ['a field twice', '("action"', '("action" "action"', 'HTTP_SIGNATURE_MALFORMED'],
    ['a field with parameters', '"action"', '"action";bs', 'HTTP_SIGNATURE_UNSUPPORTED'],
    ['an unknown component', '"action"', '"@status"', 'HTTP_SIGNATURE_UNSUPPORTED'],
  ])('with %s is refused', (_, from, to, code) => {
    const request = signRequest(wallet, { fields });
    const input = (request.headers.get('signature-input') ?? '').replace(from, to);
    expect(refusal(withHeaders(request, { 'signature-input': input }))).toBe(code);
  });

  test('with white space added to a value is refused, but for what HTTP itself trims', () => {
    const request = signRequest(wallet, { fields });
    expect(verifyHttpSignature(withHeaders(request, { action: ' Eval\t' }))).toBeDefined();
    for (const action of ['Eval\u00a0', '\u00a0Eval', 'Eval\ufeff', 'Eval\v']) {
      expect(refusal(withHeaders(request, { action }))).toBe('HTTP_SIGNATURE_INVALID');
    }
  });

  test('says until when it is to be taken, in whole seconds', () => {
    const signed = (more: string) => signRequest(wallet, { fields, more });
    expect(verifyHttpSignature(signed(';expires=17'))?.expires).toBe(17);
    expect(verifyHttpSignature(signed(''))?.expires).toBeUndefined();
    for (const value of ['"17"', '17.5', '?1', ':MTc=:', 'never']) {
      expect(refusal(signed(`;expires=${value}`))).toBe('HTTP_SIGNATURE_MALFORMED');
    }
    expect(refusal(signed(';expires'))).toBe('HTTP_SIGNATURE_MALFORMED');
  });

  test('of two keys is refused: a message has one owner', () => {
    const [one, two] = [wallet, walletFromSeed(1, 'other')].map((by) =>
      signRequest(by, { fields }),
    );
    const both = (name: string) =>
      `${one?.headers.get(name)}, ${two?.headers.get(name)?.replace('sig=', 'two=')}`;
    const request = withHeaders(one as HttpRequest, {
      signature: both('signature'),
      'signature-input': both('signature-input'),
    });
    expect(refusal(request)).toBe('HTTP_SIGNATURE_MALFORMED');
  });
});

describe('a body', () => {
  const body = Buffer.from('line 1\nline 2');

  test.each(['base64', 'base64url'] as const)('is covered by its digest in %s', (encoding) => {
    const fields = { 'content-digest': digestOf(body, encoding) };
    expect(verifyHttpSignature(signRequest(wallet, { fields, body }))).toBeDefined();
  });

  test('may be lost: the client loses it', () => {
    const fields = { 'content-digest': digestOf(body) };
    expect(verifyHttpSignature(signRequest(wallet, { fields }))).toBeDefined();
  });

  test('that was changed, or that nobody signed, is refused', () => {
    const fields = { 'content-digest': digestOf(body) };
    const other = Buffer.from('other');
    expect(refusal(signRequest(wallet, { fields, body: other }))).toBe('HTTP_DIGEST_WRONG');
    expect(refusal(signRequest(wallet, { body }))).toBe('HTTP_BODY_NOT_SIGNED');
    expect(refusal(signRequest(wallet, { fields, covers: [], body }))).toBe('HTTP_BODY_NOT_SIGNED');
  });
});

describe('any request', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/).map((text) => `x-${text}`);
  const value = fc.stringMatching(/^[!-~\u00a0-\u00ff]{0,20}$/);
  const signed = fc
    .record({
      fields: fc.dictionary(name, value, { noNullPrototype: true }),
      body: fc.uint8Array(),
    })
    .map(({ fields, body }) => {
      const digest = body.length > 0 ? { 'content-digest': digestOf(body) } : {};
      return signRequest(wallet, { fields: { ...fields, ...digest }, body });
    });

  test('is kept as message/http and verifies again, with what was signed and nothing else', () => {
    fc.assert(
      fc.property(signed, (request) => {
        const signature = verifyHttpSignature(request);
        const noisy = withHeaders(request, { 'user-agent': 'x' });
        const kept = readHttpRequest(writeHttpRequest(noisy, signature?.fields ?? []));
        expect(verifyHttpSignature(kept)).toEqual(signature);
        expect(kept.headers.has('user-agent')).toBe(false);
        expect(Buffer.from(kept.body)).toEqual(Buffer.from(request.body));
      }),
    );
  });

  test('with one covered field changed, added to or taken away is refused', () => {
    fc.assert(
      fc.property(signed, fc.nat(), value, (request, at, text) => {
        const fields = verifyHttpSignature(request)?.fields ?? [];
        const field = fields[at % Math.max(1, fields.length)];
        fc.pre(field !== undefined && text !== request.headers.get(field));
        expect(refusal(withHeaders(request, { [field ?? '']: text }))).toBeDefined();
        expect(refusal(withHeaders(request, { [field ?? '']: undefined }))).toBe(
          'HTTP_FIELD_MISSING',
        );
      }),
    );
  });

  test('with one character of its signature headers changed is refused, or says the same', () => {
    const header = fc.constantFrom('signature', 'signature-input');
    const symbol = fc.constantFrom(...'aZ9"=:;,() x-');
    fc.assert(
      fc.property(signed, header, fc.nat(), symbol, (request, field, at, character) => {
        const text = request.headers.get(field) ?? '';
        const place = at % text.length;
        const changed = text.slice(0, place) + character + text.slice(place + 1);
        const damaged = withHeaders(request, { [field]: changed });
        const code = refusal(damaged);
        // Padding bits of base64 are not the signature's; everything else is.
        if (code === undefined) {
          expect(verifyHttpSignature(damaged)).toEqual(verifyHttpSignature(request));
        } else expect(code).toMatch(/^(HTTP_|PUBLIC_KEY_INVALID)/);
      }),
    );
  });
});
