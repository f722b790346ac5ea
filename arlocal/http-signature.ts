/**
 * HTTP message signatures: who signed which fields of a request.
 *
 * A signature covers the lines `"name": value` of its fields and the list of their names. The key is
 * in the signature itself (`keyid`, the public key in base64url), so what a signature says is that the
 * owner of that address sent those fields. The id is the SHA-256 of the signature, as for data items.
 * Source: RFC 9421; the forms of keyid and of hmac-sha256 are HyperBEAM's.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { fromBase64Url, toBase64Url } from './encoding.js';
import { ArlocalError } from './errors.js';
import { sha256 } from './hashing.js';
import { trimField } from './http-message.js';
import { type Member, parseDictionary } from './structured-fields.js';
import { ownerAddress, SIGNATURE_SIZES, type SignatureType, verifySignature } from './wallet.js';

export interface HttpRequest {
  readonly method: string;
  /** Path and query, as in the request line. */
  readonly target: string;
  /** By lower-case name; lines of one name joined with ', '. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

export interface HttpSignature {
  readonly id: string; // base64url, SHA-256 of the signature
  readonly owner: string; // base64url, the public key
  readonly address: string;
  readonly signature: string; // base64url
  readonly signatureType: SignatureType;
  /** Names of the covered header fields, in the order of the signature. */
  readonly fields: readonly string[];
  /** Seconds since 1970 after which the signer does not want it taken any more. */
  readonly expires: number | undefined;
}

const TYPES: Readonly<Record<string, SignatureType>> = { 'rsa-pss-sha512': 1, ed25519: 2 };

/** HyperBEAM's key of a signature that says who nobody is: everybody knows it. */
const HMAC_KEY = 'ao';

/**
 * The one signature of a request, checked; undefined if it has none.
 * @throws {HTTP_SIGNATURE_MALFORMED, HTTP_SIGNATURE_UNSUPPORTED, HTTP_SIGNATURE_INVALID,
 *   HTTP_FIELD_MISSING, HTTP_DIGEST_WRONG, HTTP_BODY_NOT_SIGNED, PUBLIC_KEY_INVALID}
 */
export function verifyHttpSignature(request: HttpRequest): HttpSignature | undefined {
  const inputs = parseDictionary(request.headers.get('signature-input') ?? '');
  const signatures = parseDictionary(request.headers.get('signature') ?? '');
  const found: HttpSignature[] = [];
  for (const [label, input] of inputs) {
    const bytes = signatures.get(label)?.value;
    if (!(bytes instanceof Uint8Array)) throw malformed(`${label} has no signature`);
    const one = verifyOne(request, input, bytes);
    if (one) found.push(one);
  }
  for (const label of signatures.keys()) {
    if (!inputs.has(label)) throw malformed(`the signature ${label} does not say what it covers`);
  }
  if (found.length > 1) throw malformed('more than one key signed the request');
  const [signature] = found;
  if (signature) checkBody(request, signature.fields);
  return signature;
}

/** Undefined for an hmac, which everybody can make. */
function verifyOne(
  request: HttpRequest,
  input: Member,
  signature: Uint8Array,
): HttpSignature | undefined {
  const components = componentsOf(input);
  const lines = components.map((name) => `"${name}": ${componentValue(request, name)}`);
  const base = Buffer.from([...lines, `"@signature-params": ${input.text}`].join('\n'));
  const algorithm = String(input.parameters.get('alg') ?? '');
  const keyId = String(input.parameters.get('keyid') ?? '').replace(/^(publickey|constant):/, '');
  if (algorithm === 'hmac-sha256') {
    const mac = createHmac('sha256', HMAC_KEY).update(base).digest();
    const isRight = mac.length === signature.length && timingSafeEqual(mac, signature);
    if (keyId !== HMAC_KEY || !isRight) throw invalid(components);
    return undefined;
  }
  const signatureType = TYPES[algorithm];
  if (!signatureType) throw unsupported(`the algorithm "${algorithm}"`);
  const owner = fromBase64Url(keyId);
  if (owner.length !== SIGNATURE_SIZES[signatureType].owner) throw keyInvalid(signatureType);
  if (!verifySignature(signatureType, owner, base, signature, 'sha512')) throw invalid(components);
  return {
    id: sha256(signature).toString('base64url'),
    owner: toBase64Url(owner),
    address: ownerAddress(owner),
    signature: toBase64Url(signature),
    signatureType,
    fields: components.filter((name) => !name.startsWith('@')),
    expires: readExpires(input),
  };
}

function readExpires({ parameters }: Member): number | undefined {
  const expires = parameters.get('expires');
  if (expires === undefined || Number.isSafeInteger(expires)) return expires as number | undefined;
  throw malformed('its expires is no whole number');
}

/** Names of what a signature covers: a list of strings, each once and without parameters. */
function componentsOf({ value }: Member): string[] {
  if (!Array.isArray(value)) throw malformed('what a signature covers is no list');
  const names = (value as { value: unknown; parameters: ReadonlyMap<string, unknown> }[]).map(
    ({ value: name, parameters }) => {
      if (typeof name !== 'string') throw malformed('the name of a covered field is no string');
      if (parameters.size > 0) throw unsupported(`a parameter of the field "${name}"`);
      if (name !== name.toLowerCase()) throw malformed(`the field "${name}" is not in lower case`);
      return name;
    },
  );
  if (new Set(names).size < names.length) throw malformed('it covers a field twice');
  return names;
}

function componentValue(request: HttpRequest, name: string): string {
  const { method, target, headers } = request;
  const [path = '', query] = splitTarget(target);
  const authority = headers.get('host') ?? '';
  switch (name) {
    case '@method':
      return method;
    case '@path':
      return path;
    case '@query':
      return `?${query ?? ''}`;
    case '@request-target':
      return target;
    case '@authority':
      return authority.toLowerCase();
    case '@target-uri':
      return `http://${authority}${target}`;
    case '@scheme':
      return 'http';
  }
  if (name.startsWith('@')) throw unsupported(`the component "${name}"`);
  const value = headers.get(name);
  if (value === undefined) throw new ArlocalError('HTTP_FIELD_MISSING', { field: name });
  return trimField(value);
}

function splitTarget(target: string): [string, string | undefined] {
  const at = target.indexOf('?');
  return at < 0 ? [target, undefined] : [target.slice(0, at), target.slice(at + 1)];
}

/** A body must be what the signed digest says. A lost body is taken: aoconnect 0.0.98 loses it. */
function checkBody({ headers, body }: HttpRequest, fields: readonly string[]): void {
  if (body.length === 0) return;
  const covered = fields.includes('content-digest');
  const digests = covered ? parseDictionary(headers.get('content-digest') ?? '') : new Map();
  let checked = 0;
  for (const [name, { value }] of digests as Map<string, Member>) {
    if (name !== 'sha-256' && name !== 'sha-512') continue;
    const digest = createHash(name.replace('-', '')).update(body).digest();
    if (!(value instanceof Uint8Array) || !digest.equals(value)) {
      throw new ArlocalError('HTTP_DIGEST_WRONG', { bytes: body.length });
    }
    checked++;
  }
  if (checked === 0) throw new ArlocalError('HTTP_BODY_NOT_SIGNED', { bytes: body.length });
}

function malformed(reason: string): ArlocalError {
  return new ArlocalError('HTTP_SIGNATURE_MALFORMED', { reason });
}

function unsupported(what: string): ArlocalError {
  return new ArlocalError('HTTP_SIGNATURE_UNSUPPORTED', { what });
}

function invalid(components: readonly string[]): ArlocalError {
  return new ArlocalError('HTTP_SIGNATURE_INVALID', { fields: components.join(', ') || 'nothing' });
}

function keyInvalid(signatureType: SignatureType): ArlocalError {
  return new ArlocalError('PUBLIC_KEY_INVALID', { signatureType });
}
