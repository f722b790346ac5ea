/** A worker holds one job at a time, and a job is in one place. */
import { as } from '../../read/decoders.js';
import { type Checker, Violation } from '../checker.js';

const REQUEST = as.object({ id: as.integer });

/** @param herder name or id of the herder's process. @default 'llama-herder' */
export function noDoubleBooking(herder = 'llama-herder'): Checker {
  return {
    name: 'no worker is booked twice',
    watch: (network) => ({
      async rested() {
        const idle = await network.read(herder, 'Herder.idle', as.list(as.string));
        const busy = await network.read(herder, 'Herder.busy', as.record(REQUEST));
        const queue = await network.read(herder, 'Herder.queue', as.list(REQUEST));
        const workers = [...idle, ...Object.keys(busy)];
        requireUnique(workers, (worker) => `worker ${worker} is there twice, idle or busy`);
        const jobs = [...Object.values(busy), ...queue].map(({ id }) => String(id));
        requireUnique(jobs, (job) => `job ${job} is in two places`);
      },
    }),
  };
}

function requireUnique(items: readonly string[], describe: (item: string) => string): void {
  const twice = items.find((item, place) => items.indexOf(item) !== place);
  if (twice !== undefined) throw new Violation(describe(twice));
}
