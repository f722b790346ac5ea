/**
 * Keeps a bot going beside a network that lives in wall-clock time: it acts when it is woken, until
 * nothing is left to do, and never twice at once.
 */
import type { Bot } from './bot.js';

export interface RunningBot {
  /** Something may have changed. */
  wake(): void;
  /** Resolves when the round under way is over; it then acts no more. */
  stop(): Promise<void>;
}

export function runBot(bot: Bot): RunningBot {
  let stopped = false;
  let again = false;
  let running: Promise<void> | undefined;
  const round = async () => {
    do {
      again = false;
      while (!stopped && (await bot.act())) again = false;
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
