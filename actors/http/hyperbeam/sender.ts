/**
 * Who sends a request: a data item in its body (ANS-104) or the signature in its headers (RFC 9421),
 * verified either way. On paths that only read, a body that is neither counts as anonymous, because
 * aoconnect without a signer posts the text `[object Object]`.
 */
import type { DataItem } from '../../../arlocal/data-item.js';
import { ArlocalError } from '../../../arlocal/errors.js';
import {
  type HttpRequest,
  type HttpSignature,
  verifyHttpSignature,
} from '../../../arlocal/http-signature.js';
import { ActorError } from '../../errors.js';
import { carryRequest, requestItem } from '../../items/signed-request.js';
import type { Incoming } from '../../items/stored-item.js';
import type { ActorNetwork } from '../../network.js';

/** What a body that was never meant to be an item fails with. */
const NO_ITEM = new Set([
  'ITEM_TRUNCATED',
  'ITEM_MALFORMED',
  'SIGNATURE_TYPE_UNSUPPORTED',
  'TAGS_MALFORMED',
]);

/** Wallet that signs the items in which signed requests are kept; no process trusts it. */
const CARRIER_WALLET = 'request-carrier';

/**
 * The message of a request that reads; undefined if it is anonymous.
 * @throws {ITEM_NOT_SIGNED} and what `verifyHttpSignature` throws
 */
export function readSender(network: ActorNetwork, request: HttpRequest): DataItem | undefined {
  const signature = verifySignature(network, request);
  if (signature) return requestItem(request, signature, '');
  if (request.body.length === 0) return undefined;
  try {
    return readItem(network, request.body);
  } catch (error) {
    if (error instanceof ArlocalError && NO_ITEM.has(error.code)) return undefined;
    throw error;
  }
}

/**
 * The message of a request that writes.
 * @param process that the path names; '' if it names none
 * @throws {BAD_REQUEST, DUPLICATE_MESSAGE, HTTP_FIELD_NOT_SIGNED, SIGNER_RESERVED} and what `readItem` and
 *   `verifyHttpSignature` throw
 */
export function requireSender(
  network: ActorNetwork,
  request: HttpRequest,
  process: string,
): Incoming {
  const signature = verifySignature(network, request);
  if (!signature) {
    if (request.body.length > 0) return readItem(network, request.body);
    throw new ActorError('BAD_REQUEST', 'the request is not signed', {
      hint: 'Send an ANS-104 data item as body, or sign the headers as RFC 9421 says.',
    });
  }
  checkAllSigned(request, signature);
  if (network.gateway.locate(signature.id)) throw usedBefore(signature.id);
  const item = network.gateway.checkSigner(requestItem(request, signature, process));
  return carryRequest(network.wallet(CARRIER_WALLET), request, signature, item);
}

/** True if aoconnect 0.0.98 lost the body: its digest is signed, and there is none. */
export function hasLostBody({ headers, body }: HttpRequest): boolean {
  return body.length === 0 && headers.has('content-digest') && headers.has('signature-input');
}

function readItem({ gateway, limits }: ActorNetwork, body: Uint8Array): DataItem {
  return gateway.readItem(body, { maxBytes: limits.messageBytes });
}

function verifySignature(network: ActorNetwork, request: HttpRequest): HttpSignature | undefined {
  const signature = verifyHttpSignature(request);
  const { expires } = signature ?? {};
  const now = Math.floor(network.clock.now / 1000);
  if (expires !== undefined && expires < now) {
    throw new ArlocalError('HTTP_SIGNATURE_EXPIRED', { expires, now });
  }
  return signature;
}

/**
 * Headers that HTTP itself, proxies and browsers add, and those that only steer the answer. Any other
 * header would be a field of the message, so it must be signed.
 */
const UNSIGNED = new Set([
  'accept',
  'accept-bundle',
  'accept-codec',
  'accept-encoding',
  'accept-language',
  'authorization',
  'cache-control',
  'codec-device',
  'connection',
  'content-length',
  'content-type',
  'cookie',
  'dnt',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'origin',
  'pragma',
  'priority',
  'push-mode',
  'referer',
  'require-codec',
  'signature',
  'signature-input',
  'te',
  'traceparent',
  'tracestate',
  'transfer-encoding',
  'user-agent',
  'via',
]);
const UNSIGNED_FAMILIES = /^(sec-|x-forwarded-|x-real-ip$|x-request-id$|cf-)/;

/** @throws {HTTP_FIELD_NOT_SIGNED} */
function checkAllSigned({ headers }: HttpRequest, { fields }: HttpSignature): void {
  const signed = new Set(fields);
  for (const field of headers.keys()) {
    if (signed.has(field) || UNSIGNED.has(field) || UNSIGNED_FAMILIES.test(field)) continue;
    throw new ArlocalError('HTTP_FIELD_NOT_SIGNED', { field });
  }
}

function usedBefore(id: string): ActorError {
  return new ActorError('DUPLICATE_MESSAGE', `the signature of message ${id} was used before`, {
    hint: 'Sign again to send the same thing again: each signature is a message of its own.',
    details: { message: id },
  });
}
