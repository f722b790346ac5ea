/**
 * A map that grows on top of one that nobody changes. What goes on from a saved state shares all that
 * the state holds, however much that is, and pays only for what it adds itself.
 */
export interface LayeredMap<Key, Value> {
  get(key: Key): Value | undefined;
  has(key: Key): boolean;
  set(key: Key, value: Value): void;
  /** Forgets a key that was set since the last seal; what lies below stays. */
  drop(key: Key): void;
  keys(): Iterable<Key>;
  /** True for a key that was set since the last seal: its value is in no other map. */
  isOwn(key: Key): boolean;
  /** The whole as it is now, as a map that is never changed: this one grows on top of it from here. */
  seal(): ReadonlyMap<Key, Value>;
}

/** @param base nobody may change it any more */
export function createLayeredMap<Key, Value extends NonNullable<unknown>>(
  base: ReadonlyMap<Key, Value> = new Map(),
): LayeredMap<Key, Value> {
  let below = base;
  let own = new Map<Key, Value>();
  return {
    get: (key) => own.get(key) ?? below.get(key),
    has: (key) => own.has(key) || below.has(key),
    set: (key, value) => void own.set(key, value),
    drop: (key) => void own.delete(key),
    *keys() {
      yield* below.keys();
      for (const key of own.keys()) if (!below.has(key)) yield key;
    },
    isOwn: (key) => own.has(key),
    seal() {
      if (own.size === 0) return below;
      const whole = new Map(below);
      for (const [key, value] of own) whole.set(key, value);
      below = whole;
      own = new Map();
      return below;
    },
  };
}
