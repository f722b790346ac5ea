/**
 * Data items as other networks write them in JSON: put together again, and their signatures verified.
 * Who serves them can hide something, and make nothing up.
 */
import { type DataItem, decodeDataItem, encodeDataItem } from '../../arlocal/data-item.js';
import { ArlocalError } from '../../arlocal/errors.js';
import { type Fields, fieldsOf, textOf } from '../../arlocal/json-fields.js';
import { encodeTags, type Tag } from '../../arlocal/tags.js';
import { SIGNATURE_SIZES } from '../../arlocal/wallet.js';

/** An item as it was served: nothing of it has been checked. */
export interface WireItem {
  readonly id: string;
  /** Public key, base64url. */
  readonly owner: string;
  readonly signature: string;
  readonly target: string;
  readonly anchor: string;
  readonly tags: readonly Tag[];
  /** Undefined if it was left out: it may be empty, or no text. */
  readonly data: string | undefined;
}

/** Characters of an RSA key of 4096 bits in base64url. */
const RSA_KEY_LENGTH = Math.ceil((SIGNATURE_SIZES[1].owner * 4) / 3);

/** The item, if its signature fits what was served; undefined if it does not. */
export function verifyWireItem({ owner, data, ...wire }: WireItem): DataItem | undefined {
  const signatureType = owner.length === RSA_KEY_LENGTH ? 1 : 2;
  try {
    const item = {
      ...wire,
      owner,
      address: '',
      signatureType,
      data: Buffer.from(data ?? ''),
    } as const;
    const bytes = encodeDataItem({ ...item, tagBytes: encodeTags(wire.tags) });
    return decodeDataItem(bytes, { verify: true });
  } catch (error) {
    if (error instanceof ArlocalError) return undefined;
    throw error;
  }
}

/** An item as scheduler units write it; undefined for what is none. */
export function readLegacyItem(json: unknown): WireItem | undefined {
  const fields = fieldsOf(json);
  return present(fields, textOf(fieldsOf(fields.get('owner')).get('key')), fields.get('tags'));
}

/** An item as nodes in HyperBEAM's shape write it: what was signed is told in a commitment. */
export function readNodeItem(json: unknown): WireItem | undefined {
  const fields = fieldsOf(json);
  const id = textOf(fields.get('id')) ?? '';
  const commitment = fieldsOf(fieldsOf(fields.get('commitments')).get(id));
  const key = textOf(commitment.get('keyid'))?.replace(/^publickey:/, '');
  const tags = fieldsOf(commitment.get('original-tags'));
  const inOrder = [...tags].sort(([a], [b]) => Number(a) - Number(b)).map(([, tag]) => tag);
  const signature = commitment.get('signature');
  return present(new Map([...fields, ['signature', signature]]), key, inOrder);
}

function present(fields: Fields, owner: string | undefined, list: unknown): WireItem | undefined {
  const text = (name: string) => textOf(fields.get(name)) ?? '';
  const [id, signature] = [text('id'), text('signature')];
  const tags = readTags(list);
  if (id === '' || signature === '' || !owner || !tags) return undefined;
  const data = textOf(fields.get('data'));
  return { id, owner, signature, target: text('target'), anchor: text('anchor'), tags, data };
}

function readTags(list: unknown): Tag[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const tags = list.map((tag) => {
    const fields = fieldsOf(tag);
    return { name: fields.get('name'), value: fields.get('value') };
  });
  const isTag = (tag: { name: unknown; value: unknown }): tag is Tag =>
    typeof tag.name === 'string' && typeof tag.value === 'string';
  return tags.every(isTag) ? tags : undefined;
}
