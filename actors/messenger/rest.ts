/**
 * Waiting until nothing moves by itself any more. Whoever waits gives a condition, which is looked at
 * whenever the crank comes to a halt.
 */
export interface Rest {
  /** Resolves once a condition holds, or once `sooner` does. */
  until(isOver: () => boolean, sooner?: Promise<void>): Promise<void>;
  /** Looks at the conditions again. */
  check(): void;
}

export function createRest(): Rest {
  const waiters = new Set<{ readonly isOver: () => boolean; readonly resolve: () => void }>();
  return {
    until(isOver, sooner) {
      if (isOver()) return Promise.resolve();
      return new Promise((settle) => {
        const resolve = () => {
          waiters.delete(waiter);
          settle();
        };
        const waiter = { isOver, resolve };
        waiters.add(waiter);
        void sooner?.then(resolve);
      });
    },
    check() {
      for (const { isOver, resolve } of waiters) if (isOver()) resolve();
    },
  };
}
