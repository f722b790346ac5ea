/**
 * A small cache: what was used last stays, and older entries go. Two generations instead of an order
 * of use, so that a hit costs one look-up.
 */
export interface Recent<Value> {
  get(key: string): Value | undefined;
  /** @param bytes size of the value, as far as that matters */
  set(key: string, value: Value, bytes?: number): void;
}

export interface RecentOptions {
  /** A generation is over when it has so many entries or so many bytes. */
  readonly entries: number;
  readonly bytes: number;
}

/** Keeps two generations at most. */
export function createRecent<Value>(most: RecentOptions): Recent<Value> {
  type Generation = Map<string, { readonly value: Value; readonly bytes: number }>;
  let young: Generation = new Map();
  let old: Generation = new Map();
  let weight = 0;
  const set = (key: string, value: Value, bytes = 0) => {
    if (young.size >= most.entries || weight + bytes > most.bytes) {
      old = young;
      young = new Map();
      weight = 0;
    }
    weight += bytes;
    young.set(key, { value, bytes });
  };
  return {
    set,
    get(key) {
      const entry = young.get(key);
      if (entry) return entry.value;
      const past = old.get(key);
      if (past) set(key, past.value, past.bytes);
      return past?.value;
    },
  };
}
