/**
 * The hash chain of a process: each assignment commits to the one before it, so that a log can be
 * neither reordered nor cut in the middle without it showing.
 *
 * @source the scheduler unit's rule: the first link is sha256(process id), each later one
 *   sha256(id of the previous assignment || previous link), over bytes, written as base64url
 */
import { fromBase64Url } from '../../arlocal/encoding.js';
import { sha256Text } from '../../arlocal/hashing.js';

/** What the log of a process ended with. */
export interface ChainLink {
  readonly assignmentId: string;
  readonly hashChain: string;
}

/** The link of the next assignment; `previous` is undefined for the process item itself (Nonce 0). */
export function nextHashChain(processId: string, previous: ChainLink | undefined): string {
  const bytes =
    previous === undefined
      ? fromBase64Url(processId)
      : Buffer.concat([fromBase64Url(previous.assignmentId), fromBase64Url(previous.hashChain)]);
  return sha256Text(bytes);
}
