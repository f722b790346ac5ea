/** The time of a network, as its user sees and moves it. */
import type { Gateway } from '../arlocal/gateway.js';
import type { Clock } from './clock.js';
import type { EventSource } from './events.js';
import type { NetworkPorts } from './network-ports.js';
import type { Units } from './units.js';

/** Time as the user of a network sees it. */
export interface NetworkClock {
  /** Milliseconds since 1970. */
  readonly now: number;
  /**
   * Moves time on, stopping for the crons of monitored processes and for what faults delay.
   * @throws {CRON_BACKLOG}
   */
  advance(ms: number): Promise<void>;
  /** As `advance`, to a moment. @throws {CLOCK_BACKWARDS, CRON_BACKLOG} */
  set(timestampMs: number): Promise<void>;
  /**
   * What time itself does: sends on the crons of monitored processes that are due, and makes what the
   * gateway was given durable. Call it every second or so as wall-clock time passes.
   */
  tick(): Promise<void>;
}

export function createNetworkClock(
  clock: Clock,
  { monitor }: Units,
  gateway: Gateway,
): NetworkClock {
  return {
    get now() {
      return clock.now();
    },
    advance: (ms) => monitor.moveTo(clock.now() + ms),
    set: (timestampMs) => monitor.moveTo(timestampMs),
    async tick() {
      await monitor.tick();
      gateway.flush();
    },
  };
}

/** Time goes on at least from where an earlier run was: it never goes back. */
export function keepTime(
  clock: Clock,
  { counters }: NetworkPorts,
  { events }: EventSource,
  sinceMs = 0,
): void {
  const lastMs = Math.max(sinceMs, counters.get(LAST_MOMENT) ?? 0);
  if (lastMs > clock.now()) clock.set(lastMs);
  events.on('scheduled', ({ timestampMs }) => counters.set(LAST_MOMENT, timestampMs));
  events.on('clock', ({ nowMs }) => counters.set(LAST_MOMENT, nowMs));
}

/** Counter of the clock. */
export const LAST_MOMENT = 'moment';
