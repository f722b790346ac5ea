/**
 * An item as a message of HyperBEAM's: its tags are members, in lower case, and who signed what of it
 * is told as a commitment.
 */
import type { DataItem } from '../../../arlocal/data-item.js';
import { dataText } from '../../compute/message-json.js';
import type { ActorNetwork } from '../../network.js';
import type { Doc } from './answers.js';

/** @param id that the item is asked for by: its own, that of its request, or a pinned one */
export function itemDoc({ gateway }: ActorNetwork, item: DataItem, id: string): Doc {
  const isRequest = gateway.item(id)?.signature !== item.signature;
  const members = item.tags.map(({ name, value }) => [name.toLowerCase(), value]);
  return {
    ...Object.fromEntries(members),
    id,
    owner: item.address,
    target: item.target,
    anchor: item.anchor,
    data: dataText(item.data),
    commitments: { [id]: isRequest ? requestCommitment(item) : itemCommitment(item) },
  };
}

/** Who signed an item, and its tags in the order in which they were signed. */
export function itemCommitment(item: DataItem): Doc {
  const names = item.tags.map(({ name }) => name.toLowerCase());
  return {
    ...commitment(item),
    'commitment-device': 'ans104@1.0',
    type: item.signatureType === 1 ? 'rsa-pss-sha256' : 'ed25519',
    committed: [...new Set([...names, 'target', 'anchor', 'data'])],
    'original-tags': Object.fromEntries(item.tags.map((tag, index) => [index + 1, tag])),
  };
}

function requestCommitment(item: DataItem): Doc {
  return {
    ...commitment(item),
    'commitment-device': 'httpsig@1.0',
    type: item.signatureType === 1 ? 'rsa-pss-sha512' : 'ed25519',
  };
}

function commitment({ address, owner, signature }: DataItem): Doc {
  return { committer: address, keyid: `publickey:${owner}`, signature };
}
