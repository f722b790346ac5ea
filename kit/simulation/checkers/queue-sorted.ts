/** Who pays more is served first: the herder's queue is sorted by multiplier, equal ones by arrival. */
import { as } from '../../read/decoders.js';
import { type Checker, Violation } from '../checker.js';

const REQUEST = as.object({ id: as.integer, multiplier: as.number });

/** @param herder name or id of the herder's process. @default 'llama-herder' */
export function queueSorted(herder = 'llama-herder'): Checker {
  return {
    name: "the herder's queue is sorted",
    watch: (network) => ({
      async rested() {
        const queue = await network.read(herder, 'Herder.queue', as.list(REQUEST));
        queue.forEach((request, place) => {
          const next = queue[place + 1];
          if (!next || request.multiplier > next.multiplier) return;
          if (request.multiplier === next.multiplier && request.id < next.id) return;
          throw new Violation(
            `request ${request.id} (x${request.multiplier}) stands before ${next.id} (x${next.multiplier})`,
          );
        });
      },
    }),
  };
}
