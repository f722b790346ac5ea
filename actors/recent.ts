/**
 * A small cache: what was used last stays, and older entries go. Two generations instead of an order
 * of use, so that a hit costs one look-up.
 */
export interface Recent<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

/** Keeps at least the `capacity` entries used last, and at most twice as many. */
export function createRecent<Value>(capacity: number): Recent<Value> {
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  const set = (key: string, value: Value) => {
    if (young.size >= capacity) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  };
  return {
    set,
    get(key) {
      const value = young.get(key);
      if (value !== undefined) return value;
      const past = old.get(key);
      if (past !== undefined) set(key, past);
      return past;
    },
  };
}
