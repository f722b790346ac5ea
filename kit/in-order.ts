/**
 * Reverts one after another. What a network is asked meanwhile waits until they are over, so that it
 * happens in the state that was asked for, and not in one that is about to be gone.
 */

export interface Order {
  /** Does something when all that came before it is over; everything else waits for it. */
  queue(work: () => Promise<void>): Promise<void>;
  /** The end of all that was queued. */
  rest(): Promise<void>;
  /**
   * The same methods, of which those of these names wait for what is queued; else they are called at
   * once.
   * @param refuse an error if they are not to be called any more
   */
  defer<Methods extends object>(
    methods: Methods,
    names: readonly AsyncName<Methods>[],
    refuse?: () => Error | undefined,
  ): Methods;
}

/** Names of methods that answer with a promise. */
export type AsyncName<T> = {
  [Name in keyof T]: T[Name] extends (...args: never[]) => Promise<unknown> ? Name : never;
}[keyof T];

type Method = (...args: unknown[]) => Promise<unknown>;

export function createOrder(): Order {
  let last: Promise<void> | undefined;
  const rest = async () => {
    while (last) await last;
  };
  return {
    rest,
    queue(work) {
      const done = (last ?? Promise.resolve()).then(work);
      const end = () => {
        if (last === over) last = undefined;
      };
      const over: Promise<void> = done.then(end, end); // one that failed holds up nothing
      last = over;
      return done;
    },
    defer(methods, names, refuse) {
      const all: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(methods);
      for (const name of names) {
        const method = methods[name] as Method;
        const value: Method = (...args) => {
          if (last) return rest().then(() => value(...args));
          const refusal = refuse?.();
          return refusal ? Promise.reject(refusal) : method(...args);
        };
        all[name as string] = { value, enumerable: true, configurable: true, writable: true };
      }
      return Object.defineProperties({}, all) as typeof methods;
    },
  };
}
