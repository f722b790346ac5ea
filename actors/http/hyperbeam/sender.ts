/**
 * Who sends a request: a data item in its body (ANS-104) or the signature in its headers (RFC 9421),
 * verified either way. On paths that only read, a body that is neither counts as anonymous, because
 * aoconnect without a signer posts the text `[object Object]`.
 */
import { type DataItem, decodeDataItem } from '../../../arlocal/data-item.js';
import { ArlocalError } from '../../../arlocal/errors.js';
import { ActorError } from '../../errors.js';

/** What a body that was never meant to be an item fails with. */
const NO_ITEM = new Set([
  'ITEM_TRUNCATED',
  'ITEM_MALFORMED',
  'SIGNATURE_TYPE_UNSUPPORTED',
  'TAGS_MALFORMED',
]);

/** The sender of a request that reads; undefined if it is anonymous. @throws {ITEM_NOT_SIGNED} */
export function readSender(body: Uint8Array, maxBytes: number): DataItem | undefined {
  if (body.length === 0) return undefined;
  try {
    return decodeDataItem(body, { verify: true, maxBytes });
  } catch (error) {
    if (error instanceof ArlocalError && NO_ITEM.has(error.code)) return undefined;
    throw error;
  }
}

/** The item of a request that writes. @throws {BAD_REQUEST} and what `decodeDataItem` throws */
export function requireSender(body: Uint8Array, maxBytes: number): DataItem {
  if (body.length > 0) return decodeDataItem(body, { verify: true, maxBytes });
  throw new ActorError('BAD_REQUEST', 'the request is not signed', {
    hint: 'Send an ANS-104 data item as body, or sign the headers as RFC 9421 says.',
  });
}
