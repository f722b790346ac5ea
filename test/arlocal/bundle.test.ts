import { describe, expect, test } from 'vitest';
import { decodeBundle, encodeBundle, readBundleItem } from '../../arlocal/bundle.js';
import { type SignedItem, signDataItem } from '../../arlocal/data-item.js';
import { devWallet } from '../../arlocal/dev-wallets.js';
import { walletFromSeed } from '../../arlocal/wallet.js';
import { arbundles } from './arbundles.js';

const wallet = walletFromSeed(1, 'bundler');
const items = ['one', 'two', ''].map((data) => signDataItem(wallet, { data }));

test('an item is read from a bundle by its id, and only if it is the one of that id', () => {
  const [one, two] = items as [SignedItem, SignedItem];
  const bytes = encodeBundle([one, two]);
  expect(readBundleItem(bytes, two.item.id)?.data.length).toBe(3);
  expect(readBundleItem(bytes, wallet.address)).toBeUndefined();
  const lying = Buffer.from(encodeBundle([one]));
  lying.write(two.item.id, 64, 'base64url');
  expect(() => readBundleItem(lying, two.item.id)).toThrow(
    expect.objectContaining({ code: 'BUNDLE_MALFORMED' }),
  );
});

describe('a bundle', () => {
  test('gives its items back in order', () => {
    const decoded = decodeBundle(encodeBundle(items));
    expect(decoded.map(({ id }) => id)).toEqual(items.map(({ item }) => item.id));
    expect(decodeBundle(encodeBundle([]))).toEqual([]);
  });

  test('made by arbundles is read', async () => {
    const signer = new arbundles.ArweaveSigner(devWallet('carol').jwk);
    const foreign = ['one', 'two'].map((data) => arbundles.createData(data, signer, {}));
    const bundle = await arbundles.bundleAndSignData(foreign, signer);
    const texts = decodeBundle(bundle.getRaw()).map(({ data }) => Buffer.from(data).toString());
    expect(texts).toEqual(['one', 'two']);
  });

  const whole = encodeBundle(items);
  const withByte = (at: number, value: number) => {
    const bytes = Uint8Array.from(whole);
    bytes[at] = value;
    return bytes;
  };
  test.each([
    ['an empty file', new Uint8Array(0), 'BUNDLE_MALFORMED'],
    ['a cut', whole.subarray(0, whole.length - 1), 'BUNDLE_MALFORMED'],
    ['bytes after the end', Buffer.concat([whole, Buffer.from('x')]), 'BUNDLE_MALFORMED'],
    ['a count beyond its table', withByte(0, 200), 'BUNDLE_MALFORMED'],
    ['a count beyond all bounds', withByte(31, 1), 'BUNDLE_MALFORMED'],
    ['a wrong size', withByte(32, 1), 'BUNDLE_MALFORMED'],
    ['a wrong id', withByte(64, (whole[64] ?? 0) ^ 1), 'BUNDLE_MALFORMED'],
  ])('is refused with %s', (_, bytes, code) => {
    expect(() => decodeBundle(bytes)).toThrow(expect.objectContaining({ code }));
  });
});
