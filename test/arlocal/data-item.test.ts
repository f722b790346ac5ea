import { describe, expect, test } from 'vitest';
import {
  decodeDataItem,
  encodeDataItem,
  signDataItem,
  verifyDataItem,
} from '../../arlocal/data-item.js';
import { devWallet } from '../../arlocal/dev-wallets.js';
import { walletFromSeed } from '../../arlocal/wallet.js';
import { arbundles } from './arbundles.js';

const alice = walletFromSeed(7, 'alice');
const rsa = devWallet('bob');
const fields = {
  target: alice.address,
  anchor: '00000000000000000000000000000012',
  tags: [
    { name: 'Data-Protocol', value: 'ao' },
    { name: 'Greeting', value: 'Grüß dich 🦙' },
  ],
  data: 'hello',
};

describe('signing', () => {
  test('gives the same bytes for the same wallet and fields, with both kinds of key', () => {
    for (const wallet of [alice, rsa.wallet]) {
      const { item, bytes } = signDataItem(wallet, fields);
      expect(bytes).toEqual(signDataItem(wallet, fields).bytes);
      expect(item.data).toEqual(Buffer.from('hello'));
      expect(verifyDataItem(item)).toBe(true);
    }
    expect(signDataItem(alice, fields).item.id).toBe('_qfrqLHhb_TKnDIZ2yoM92Sb9s5vqXnyNNk1n5X5LAE');
    expect(signDataItem(rsa.wallet, fields).item.id).toBe(
      'Vq-ZpqXuHf4VOfp8A5ScqN2hVqSxUjwI--9MoRFUTCg',
    );
  });

  test.each([
    ['TARGET_INVALID', { target: 'not an id' }],
    ['ANCHOR_INVALID', { anchor: 'too short' }],
    ['TAG_NOT_STRING', { tags: [{ name: 'a', value: 1 as unknown as string }] }],
  ])('refuses with %s', (code, bad) => {
    expect(() => signDataItem(alice, bad)).toThrow(expect.objectContaining({ code }));
  });
});

describe('decoding', () => {
  test.each([
    ['everything', fields],
    ['nothing', {}],
    ['a binary anchor', { anchor: `${'_'.repeat(42)}8` }],
    ['one space of data', { data: ' ' }],
  ])('is undone by encoding, with %s', (_, given) => {
    for (const wallet of [alice, rsa.wallet]) {
      const { item, bytes } = signDataItem(wallet, given);
      const decoded = decodeDataItem(bytes, { verify: true });
      expect(decoded).toEqual({ ...item, data: decoded.data, tagBytes: decoded.tagBytes });
      expect(Buffer.compare(encodeDataItem(decoded), bytes)).toBe(0);
    }
  });

  test('refuses an item that someone changed', () => {
    const { bytes } = signDataItem(alice, fields);
    const changed = Uint8Array.from(bytes);
    changed.set(Buffer.from('jello'), bytes.length - 5);
    expect(() => decodeDataItem(changed, { verify: true })).toThrow(
      expect.objectContaining({ code: 'ITEM_NOT_SIGNED' }),
    );
    expect(decodeDataItem(changed, { verify: false }).data).toEqual(
      new Uint8Array(Buffer.from('jello')),
    );
  });

  test('names the limit of an item that is too large', () => {
    const { bytes } = signDataItem(alice, fields);
    expect(() => decodeDataItem(bytes, { verify: true, maxBytes: 100 })).toThrow(
      `The data item has ${bytes.length} bytes, the limit is 100.`,
    );
  });

  test('refuses other kinds of key by their number', () => {
    const bytes = Uint8Array.from(signDataItem(alice, fields).bytes);
    bytes[0] = 3;
    expect(() => decodeDataItem(bytes, { verify: true })).toThrow('Signature type 3');
  });

  test('reads an anchor back as it was given', () => {
    const { anchor } = decodeDataItem(signDataItem(alice, fields).bytes, { verify: true });
    expect(anchor).toBe(fields.anchor);
  });
});

describe('real clients', () => {
  test('arbundles accepts our items of both types', async () => {
    for (const wallet of [alice, rsa.wallet]) {
      const { item, bytes } = signDataItem(wallet, fields);
      const foreign = new arbundles.DataItem(Buffer.from(bytes));
      expect(await foreign.isValid()).toBe(true);
      expect(foreign).toMatchObject({ id: item.id, owner: item.owner, target: item.target });
      expect(foreign.tags).toEqual(item.tags);
    }
  });

  test('we accept the items of arbundles', async () => {
    const signer = new arbundles.ArweaveSigner(rsa.jwk);
    const foreign = arbundles.createData('hello', signer, fields);
    await foreign.sign(signer);
    const item = decodeDataItem(foreign.getRaw(), { verify: true });
    expect(item).toMatchObject({
      ...fields,
      id: foreign.id,
      address: rsa.wallet.address,
      data: Buffer.from('hello'),
    });
    expect(Buffer.compare(encodeDataItem(item), foreign.getRaw())).toBe(0);
  });
});
