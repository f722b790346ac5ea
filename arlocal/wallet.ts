/**
 * Wallets: something that signs, and the address that owns what it signed.
 *
 * The simulator's own wallets are Ed25519, made from a seed and a name: their signatures are
 * deterministic, so a seed fixes every id, and they cost a hundredth of RSA-4096. RSA keys are for
 * users' files; our RSA-PSS signatures use salt length 0, so that their ids are fixed as well.
 */
import {
  constants,
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { fromBase64Url, toBase64Url } from './encoding.js';
import { ArlocalError } from './errors.js';
import { sha256, sha256Text } from './hashing.js';

/** 1 is RSA-PSS with SHA-256 and a 4096-bit key, 2 is Ed25519 (ANS-104's numbers). */
export type SignatureType = 1 | 2;

export interface Wallet {
  readonly name: string;
  readonly address: string; // base64url, SHA-256 of the public key
  readonly owner: string; // base64url, the public key: 512 bytes (type 1) or 32 bytes (type 2)
  readonly signatureType: SignatureType;
  sign(message: Uint8Array): Uint8Array;
}

/** Bytes of a signature and of a public key. */
export const SIGNATURE_SIZES = {
  1: { signature: 512, owner: 512 },
  2: { signature: 64, owner: 32 },
} as const;

const ED25519_PRIVATE = Buffer.from('302e020100300506032b657004220420', 'hex'); // PKCS #8 header
const ED25519_PUBLIC = Buffer.from('302a300506032b6570032100', 'hex'); // SPKI header

/** The Ed25519 wallet of that name in the network of that seed: always the same one. */
export function walletFromSeed(seed: number | string, name: string): Wallet {
  const secret = sha256(Buffer.from(`corral wallet\n${seed}\n${name}`));
  const key = createPrivateKey({
    key: Buffer.concat([ED25519_PRIVATE, secret]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const owner = spki.subarray(ED25519_PUBLIC.length);
  return {
    name,
    address: ownerAddress(owner),
    owner: toBase64Url(owner),
    signatureType: 2,
    sign: (message) => sign(null, message, key),
  };
}

/** The wallet of an Arweave key file. @throws {PUBLIC_KEY_INVALID} if it is no RSA-4096 JWK */
export function walletFromJwk(jwk: JsonWebKey, name: string): Wallet {
  const owner = fromBase64Url(jwk.n ?? '');
  const key = readKey(() => createPrivateKey({ key: jwk, format: 'jwk' }), 1);
  if (owner.length !== SIGNATURE_SIZES[1].owner) throw keyInvalid(1);
  const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 0 };
  return {
    name,
    address: ownerAddress(owner),
    owner: toBase64Url(owner),
    signatureType: 1,
    sign: (message) => sign('sha256', message, pss),
  };
}

/** Address of a public key: base64url of its SHA-256. */
export function ownerAddress(owner: Uint8Array): string {
  return sha256Text(owner);
}

/** Public keys that were read before: reading one takes longer than using it. */
export type KeyCache = Map<string, KeyObject>;

/** Keys in a cache before it is emptied. */
const KEYS_MAX = 10_000;

/**
 * Whether the signature is that key's on that message.
 * @param hash of RSA-PSS; Ed25519 has its own
 * @param keys for those who verify much at a time
 * @throws {PUBLIC_KEY_INVALID}
 */
export function verifySignature(
  signatureType: SignatureType,
  owner: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  hash: 'sha256' | 'sha512' = 'sha256',
  keys?: KeyCache,
): boolean {
  const key = readKey(() => cachedKey(signatureType, owner, keys), signatureType);
  if (signatureType === 2) return verify(null, message, key, signature);
  const saltLength = constants.RSA_PSS_SALTLEN_AUTO;
  const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
  return verify(hash, message, pss, signature);
}

function cachedKey(signatureType: SignatureType, owner: Uint8Array, keys?: KeyCache): KeyObject {
  if (!keys) return publicKey(signatureType, owner);
  const name = toBase64Url(owner);
  const key = keys.get(name) ?? publicKey(signatureType, owner);
  if (keys.size >= KEYS_MAX) keys.clear();
  keys.set(name, key);
  return key;
}

function publicKey(signatureType: SignatureType, owner: Uint8Array): KeyObject {
  if (signatureType === 1) {
    const jwk = { kty: 'RSA', e: 'AQAB', n: toBase64Url(owner) };
    return createPublicKey({ key: jwk, format: 'jwk' });
  }
  return createPublicKey({
    key: Buffer.concat([ED25519_PUBLIC, owner]),
    format: 'der',
    type: 'spki',
  });
}

function readKey(read: () => KeyObject, signatureType: SignatureType): KeyObject {
  try {
    return read();
  } catch (cause) {
    throw keyInvalid(signatureType, cause);
  }
}

function keyInvalid(signatureType: SignatureType, cause?: unknown): ArlocalError {
  return new ArlocalError('PUBLIC_KEY_INVALID', { signatureType }, { cause });
}
