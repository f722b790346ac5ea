/**
 * Looking into a network without touching it: the state of any process at any point of its past, what
 * a message changed, and the whole tree of a message. Whatever is asked is evaluated again beside it.
 */
import type { ActorNetwork } from '../../actors/network.js';
import { KitError } from '../errors.js';
import type { TreeNode } from '../render/tree-node.js';
import type { Change } from './diff.js';
import { findDelivery } from './find-delivery.js';
import { createPast, type Past } from './past.js';
import { type ProcessState, readProcessState } from './process-state.js';
import { changesAt, type TraceOptions, traceTree } from './trace-tree.js';

export interface Inspector {
  /**
   * The state of a process.
   * @param nonce of the last message that is in it. @default the last that was evaluated
   * @throws {UNKNOWN_PROCESS} and KitError STATE_NOT_LUA, MESSAGE_NOT_FOUND, REPLAY_TOO_LONG
   */
  state(process: string, nonce?: number): Promise<ProcessState>;
  /** What a message changed in a process. @throws as `state` */
  changes(process: string, message: string): Promise<Change[]>;
  /**
   * The tree of a message, of a new process or of a cron (`<interval>@<ms>`).
   * @param id whole, as much of its beginning as no other has, or short as it is shown (`mgd...H08`)
   * @throws {KitError} MESSAGE_NOT_FOUND, MESSAGE_AMBIGUOUS
   */
  trace(id: string, options?: TraceQuery): Promise<TreeNode>;
  readonly past: Past;
  close(): void;
}

export interface TraceQuery extends TraceOptions {
  /** Of a message that was assigned to several processes, the delivery to this one. */
  readonly process?: string | undefined;
}

/** @param most evaluations that one question may make again */
export function createInspector(network: ActorNetwork, most?: number): Inspector {
  const past = createPast(network, most);
  return {
    past,
    async state(process, nonce) {
      const { length, evaluation } = network.units.recall(process);
      let index = length;
      while (nonce !== undefined && (evaluation(index - 1)?.nonce ?? 0) > nonce) index--;
      if (nonce !== undefined && evaluation(index - 1)?.nonce !== nonce)
        throw noNonce(process, nonce);
      return past.at(process, index, ({ machine, baseline }) =>
        readProcessState(machine, baseline),
      );
    },
    async changes(process, message) {
      const index = network.units.recall(process).find(message);
      if (index === undefined) throw unknown(message, process);
      return changesAt(past, process, index);
    },
    async trace(id, options = {}) {
      const delivery = findDelivery(network, id, options.process);
      if (!delivery) throw unknown(id, options.process);
      return traceTree(network, past, delivery, options);
    },
    close: past.close,
  };
}

function unknown(id: string, process?: string): KitError {
  const where = process === undefined ? 'this network' : `process ${process}`;
  const text = `${where} remembers no message ${id}`;
  const hint =
    'Give the id of a message, of a spawned process, or the beginning of one that no other has. ' +
    'What was long ago, or before the network was started again, is not in its trace.';
  return new KitError('MESSAGE_NOT_FOUND', text, { hint, details: { id, process } });
}

function noNonce(process: string, nonce: number): KitError {
  const text = `process ${process} has evaluated no message with nonce ${nonce}`;
  const hint = 'Give the nonce of a message that it was given; without one it is the latest state.';
  return new KitError('MESSAGE_NOT_FOUND', text, { hint, details: { process, nonce } });
}
