/**
 * Time as the operator uses it: passed in, so that tests move it by hand.
 */
export interface Timer {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs something once, later; returns how to call it off. */
  after(ms: number, run: () => void): () => void;
}

export function createWallTimer(): Timer {
  return {
    now: () => Date.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
}

/** Resolves after the time, or as soon as the signal fires. */
export function pause(timer: Timer, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = () => {
      cancel();
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const cancel = timer.after(ms, wake);
    signal.addEventListener('abort', wake, { once: true });
  });
}
