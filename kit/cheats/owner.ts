/** Who may have a process evaluate code at the moment: its global `Owner`, which programs may change. */
import type { ActorNetwork } from '../../actors/network.js';
import { KitError } from '../errors.js';

/** @throws {NO_OWNER} */
export async function currentOwner(network: ActorNetwork, process: string): Promise<string> {
  const { compute, scheduler } = network.units;
  const found = await compute.inspect(process, ['Owner']);
  if (found.kind === 'foreign') return scheduler.requireProcess(process).from;
  if (found.kind === 'value' && typeof found.value === 'string') return found.value;
  throw new KitError('NO_OWNER', `the process ${process} has no Owner: nobody can Eval in it`, {
    hint: 'It gave up its ownership; set its state by the messages that its handlers take.',
    details: { process },
  });
}
