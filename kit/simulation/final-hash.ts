/** All that a network has come to, as one hash: equal for equal histories. */
import { createHash } from 'node:crypto';
import type { ActorNetwork } from '../../actors/network.js';

/** @returns SHA-256, base64url, over the log and the state of each process, in the order of spawning */
export async function hashNetwork(network: ActorNetwork): Promise<string> {
  const { log, scheduler } = network.units;
  const hash = createHash('sha256');
  for (const id of scheduler.processes()) {
    const length = log.next(id);
    hash.update(`${id} ${length} ${log.at(id, length - 1)?.hashChain}\n`);
    hash.update(`${await network.stateHash(id)}\n`);
  }
  return hash.digest('base64url');
}
