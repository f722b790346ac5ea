/**
 * Keeps a bot going beside a network that lives in wall-clock time: each of its duties is done when the
 * bot is woken, until nothing is left to do, never twice at once, and waits for no other.
 */
import type { Bot, Duty } from './bot.js';

export interface RunningBot {
  /** Something may have changed. */
  wake(): void;
  /** Resolves when what is under way is over; it then acts no more. */
  stop(): Promise<void>;
}

export function runBot({ duties }: Pick<Bot, 'duties'>): RunningBot {
  const running = duties.map(runDuty);
  return {
    wake() {
      for (const duty of running) duty.wake();
    },
    async stop() {
      await Promise.all(running.map((duty) => duty.stop()));
    },
  };
}

function runDuty(duty: Duty): RunningBot {
  let stopped = false;
  let again = false;
  let running: Promise<void> | undefined;
  const round = async () => {
    do {
      again = false;
      while (!stopped && (await duty())) again = false;
    } while (again && !stopped);
    running = undefined;
  };
  return {
    wake() {
      if (stopped) return;
      again = true;
      running ??= round();
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}
