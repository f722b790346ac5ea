/**
 * A request signed by RFC 9421 as a message: which item it stands for, and how it is kept.
 *
 * It is kept whole, as `message/http`, in the data of an item that carries it: the signature is checked
 * again whenever the message is read, so nobody but the key's owner is ever its Owner. Only the id of
 * the request leads to the message; under its own id the carrier is an item like any other, signed
 * by a wallet that nobody trusts.
 */
import { type DataItem, type SignedItem, signDataItem } from '../../arlocal/data-item.js';
import { readHttpRequest, writeHttpRequest } from '../../arlocal/http-message.js';
import {
  type HttpRequest,
  type HttpSignature,
  verifyHttpSignature,
} from '../../arlocal/http-signature.js';
import { encodeTags, type Tag } from '../../arlocal/tags.js';
import type { Wallet } from '../../arlocal/wallet.js';
import { protocolTags, tagValue } from './protocol.js';
import { bodyFields, boundaryOf } from './signed-body.js';

/** A message with the item that carries it. */
export interface CarriedItem {
  readonly item: DataItem;
  readonly carrier: SignedItem;
}

const CARRIER_TYPE = 'Corral-Signed-Request';

/** Signed fields that say how the request is written, and are no part of the message. */
const ENVELOPE_FIELDS = new Set([
  'anchor',
  'ao-types',
  'body-keys',
  'content-digest',
  'content-length',
  'data',
  'host',
  'inline-body-key',
  'method',
  'path',
  'signature',
  'signature-input',
  'target',
]);

/**
 * The message that a signed request stands for; its signature has been checked.
 * @param target of the message, if the request does not sign one
 * @throws {BAD_REQUEST, TAGS_TOO_LONG}
 */
export function requestItem(
  request: HttpRequest,
  signature: HttpSignature,
  target: string,
): DataItem {
  const { headers } = request;
  const signed = new Map(signature.fields.map((name) => [name, headers.get(name) ?? '']));
  const body = bodyFields(signed, request.body);
  if (boundaryOf(signed.get('content-type') ?? '')) signed.delete('content-type');
  const fields = [...signed, ...body.fields].filter(([name]) => !ENVELOPE_FIELDS.has(name));
  const tags = withProtocol(fields.map(([name, value]) => ({ name: headerCase(name), value })));
  return {
    id: signature.id,
    owner: signature.owner,
    address: signature.address,
    signature: signature.signature,
    signatureType: signature.signatureType,
    target: signed.get('target') ?? target,
    anchor: signed.get('anchor') ?? '',
    tags,
    tagBytes: encodeTags(tags),
    data: body.data ?? Buffer.from(signed.get('data') ?? ''),
  };
}

/** The item that keeps a signed request, for `requestItem(...)`. */
export function carryRequest(
  wallet: Wallet,
  request: HttpRequest,
  signature: HttpSignature,
  item: DataItem,
): CarriedItem {
  const tags = [
    { name: 'Type', value: CARRIER_TYPE },
    { name: 'Content-Type', value: 'message/http' },
    { name: 'Signer', value: item.address },
  ];
  const data = writeHttpRequest(request, signature.fields);
  return { item, carrier: signDataItem(wallet, { target: item.target, tags, data }) };
}

/**
 * The message that an item carries; undefined if it carries none, or not the one with this id.
 * @throws what `verifyHttpSignature` throws, if the item is not what was stored
 */
export function carriedItem(carrier: DataItem, id: string): DataItem | undefined {
  if (carrier.id === id || tagValue(carrier.tags, 'Type') !== CARRIER_TYPE) return undefined;
  const request = readHttpRequest(carrier.data);
  const signature = verifyHttpSignature(request);
  if (signature?.id !== id) return undefined;
  return requestItem(request, signature, carrier.target);
}

/** The protocol's own tags may be left out of a request: its path says that it is AO's. */
function withProtocol(tags: readonly Tag[]): Tag[] {
  const [protocol, , type] = protocolTags('Message');
  const missing = [protocol, type].filter((tag) => tag && !tagValue(tags, tag.name));
  return [...tags, ...(missing as Tag[])];
}

/** Names of fields arrive in lower case; programs know them as `Action`, `X-Reference`. */
function headerCase(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_, before, letter) => before + letter.toUpperCase());
}
