/**
 * The independent implementation of ANS-104 that real clients use, as aoconnect brings it along.
 */
import { createRequire } from 'node:module';

interface ForeignItem {
  readonly id: string;
  readonly owner: string;
  readonly target: string;
  readonly anchor: string;
  readonly tags: { name: string; value: string }[];
  readonly rawData: Buffer;
  getRaw(): Buffer;
  sign(signer: object): Promise<Buffer>;
  isValid(): Promise<boolean>;
}

interface Arbundles {
  readonly DataItem: new (bytes: Buffer) => ForeignItem;
  readonly ArweaveSigner: new (jwk: object) => object;
  readonly createData: (
    data: string | Uint8Array,
    signer: object,
    options: { target?: string; anchor?: string; tags?: { name: string; value: string }[] },
  ) => ForeignItem;
  readonly unbundleData: (bytes: Buffer) => { readonly items: ForeignItem[] };
  readonly bundleAndSignData: (items: ForeignItem[], signer: object) => Promise<ForeignBundle>;
}

interface ForeignBundle {
  getRaw(): Buffer;
}

const aoconnect = createRequire(import.meta.url).resolve('@permaweb/aoconnect');

export const arbundles: Arbundles = createRequire(aoconnect)('@dha-team/arbundles');
