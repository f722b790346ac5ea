/** The clock of a network for tests: durations and dates in words, and time that can be stopped. */

import { reportError } from '../../actors/errors.js';
import type { NetworkEvent } from '../../actors/events.js';
import type { Core } from '../core.js';
import { KitError, show } from '../errors.js';
import type { KitClock } from '../network-api.js';
import { type Duration, LATEST_MS, parseDuration, parseMoment } from './durations.js';
import { isStoppable } from './real-clock.js';

/** Milliseconds between two looks at what real time made due. */
const TICK_MS = 1_000;

export function createKitClock(current: () => Core): KitClock {
  const stoppable = () => {
    const { clock } = current();
    if (clock.virtual) return undefined;
    if (isStoppable(clock)) return clock;
    throw new KitError('CLOCK_FOREIGN', 'a clock that was given to the network cannot be stopped', {
      hint: "Stop it yourself, or let the network make its own: createNetwork({ time: 'real' }).",
    });
  };
  return {
    get now() {
      return current().clock.now();
    },
    get frozen() {
      const { clock } = current();
      return clock.virtual || (isStoppable(clock) && clock.frozen);
    },
    async advance(duration) {
      const ms = parseDuration(duration);
      const { clock } = current().network;
      if (ms > LATEST_MS - clock.now) throw beyondTime(duration);
      return clock.advance(ms);
    },
    set: async (moment) => current().network.clock.set(parseMoment(moment)),
    tick: () => current().network.clock.tick(),
    freeze: () => stoppable()?.freeze(),
    unfreeze: () => stoppable()?.unfreeze(),
  };
}

function beyondTime(duration: Duration): KitError {
  const last = new Date(LATEST_MS).toISOString();
  return new KitError('BAD_DURATION', `${show(duration)} from now is after ${last}`, {
    hint: 'That is the last moment there is. Move the clock by less.',
    details: { duration },
  });
}

/** Has done what becomes due as real time passes. @returns how to stop that */
export function keepRealTime(clock: KitClock, tell: (event: NetworkEvent) => void): () => void {
  const report = (error: unknown) =>
    tell({ type: 'error', error: reportError(error, 'CRON_BACKLOG') });
  const timer = setInterval(() => {
    clock.tick().catch(report);
  }, TICK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
