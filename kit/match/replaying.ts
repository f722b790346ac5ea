/** `toReplay`: the log alone leads to the state that a process has. */
import type { ActorNetwork } from '../../actors/network.js';
import { createLabels } from '../render/names.js';
import type { Verdict } from './verdict.js';

/**
 * @param processes ids; all of the network unless told otherwise
 * @throws what evaluating a log again throws
 */
export async function checkReplay(
  network: ActorNetwork,
  processes: readonly string[] = [...network.units.scheduler.processes()],
  names: ReadonlyMap<string, string> = new Map(),
): Promise<Verdict> {
  const label = createLabels(names, processes);
  const differing: string[] = [];
  for (const id of processes) {
    const state = await network.stateHash(id);
    const replayed = await network.replay(id);
    if (state !== replayed) differing.push(`  ${label(id)}  is ${state}, replayed ${replayed}`);
  }
  const count = processes.length === 1 ? '1 process' : `${processes.length} processes`;
  return {
    pass: differing.length === 0,
    message: () =>
      differing.length === 0
        ? `${count} replayed to the same state`
        : [
            `${differing.length} of ${count} came to another state when the log was evaluated again:`,
            ...differing,
            'A program may depend on nothing but its messages: no random numbers, no time of its own.',
          ].join('\n'),
  };
}
