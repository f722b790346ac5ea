import { createPrivateKey, createPublicKey } from 'node:crypto';
import Arweave from 'arweave';
import { describe, expect, test } from 'vitest';
import { DEV_WALLET_NAMES, devWallet } from '../../arlocal/dev-wallets.js';
import { fromBase64Url } from '../../arlocal/encoding.js';
import { verifySignature, walletFromJwk, walletFromSeed } from '../../arlocal/wallet.js';

const message = Buffer.from('a llama');

describe('a wallet from a seed', () => {
  test('is the same for the same seed and name, and no other', () => {
    const address = (seed: number, name: string) => walletFromSeed(seed, name).address;
    expect(address(7, 'alice')).toBe('xjqu1HZ63hWv8fsu3SD5sIZg2K-qAq9fYwgjdOHJ7B8');
    expect(new Set([address(7, 'alice'), address(7, 'bob'), address(8, 'alice')]).size).toBe(3);
  });

  test('signs so that only its key verifies', () => {
    const [alice, bob] = [walletFromSeed(7, 'alice'), walletFromSeed(7, 'bob')];
    const signature = alice.sign(message);
    expect(signature).toEqual(alice.sign(message));
    expect(verifySignature(2, fromBase64Url(alice.owner), message, signature)).toBe(true);
    expect(verifySignature(2, fromBase64Url(bob.owner), message, signature)).toBe(false);
  });
});

describe('a dev wallet', () => {
  test.each(DEV_WALLET_NAMES)('%s is a whole RSA-4096 key file', async (name) => {
    const { wallet, jwk } = devWallet(name);
    const key = createPrivateKey({ key: { ...jwk }, format: 'jwk' });
    expect(key.asymmetricKeyDetails?.modulusLength).toBe(4096);
    expect(createPublicKey(key).export({ format: 'jwk' }).n).toBe(jwk.n);
    const arweave = Arweave.init({});
    expect(await arweave.wallets.jwkToAddress(jwk)).toBe(wallet.address);
  });

  test('signs with salt length 0, which arweave-js verifies', async () => {
    const { wallet, jwk } = devWallet('alice');
    const signature = wallet.sign(message);
    expect(signature).toEqual(wallet.sign(message));
    expect(await Arweave.crypto.verify(jwk.n, message, signature)).toBe(true);
    expect(verifySignature(1, fromBase64Url(jwk.n), message, signature)).toBe(true);
  });

  test('verifies what arweave-js signs with its long salt', async () => {
    const { jwk } = devWallet('bob');
    const signature = await Arweave.crypto.sign(jwk, message);
    expect(verifySignature(1, fromBase64Url(jwk.n), message, signature)).toBe(true);
  });

  test('is one of those that exist', () => {
    expect(() => devWallet('mallory')).toThrow('There is no dev wallet "mallory".');
    expect(() => devWallet('constructor')).toThrow(
      expect.objectContaining({ code: 'WALLET_UNKNOWN' }),
    );
  });
});

test('a key that is not RSA-4096 is refused', () => {
  expect(() => walletFromJwk({ kty: 'RSA', n: 'AQAB', e: 'AQAB' }, 'x')).toThrow(
    expect.objectContaining({ code: 'PUBLIC_KEY_INVALID' }),
  );
});
