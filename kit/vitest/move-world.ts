/**
 * A world on another network: the same fields, with each process of the old network as that process
 * of the new one.
 */
import type { Network, Process } from '../network-api.js';

/** Plain objects, lists, Maps and Sets are copied; what is none of these is handed over as it is. */
export function moveWorld<Fields extends object>(
  fields: Fields,
  from: Network,
  to: Network,
): Fields {
  const moved = new Map<unknown, unknown>([[from, to]]);
  /** What is being copied may be met again below itself. */
  const fill = <Copy>(value: unknown, copy: Copy, into: (copy: Copy) => void): Copy => {
    moved.set(value, copy);
    into(copy);
    return copy;
  };
  const move = (value: unknown): unknown => {
    if (moved.has(value)) return moved.get(value);
    if (isProcessOf(from, value)) return fill(value, moveProcess(value, to), () => undefined);
    if (Array.isArray(value)) {
      return fill(value, [] as unknown[], (copy) => copy.push(...value.map(move)));
    }
    if (value instanceof Map) {
      return fill(value, new Map<unknown, unknown>(), (copy) => {
        for (const [key, one] of value) copy.set(key, move(one));
      });
    }
    if (value instanceof Set) {
      return fill(value, new Set<unknown>(), (copy) => {
        for (const one of value) copy.add(move(one));
      });
    }
    if (!isPlain(value)) return value;
    return fill(value, {} as Record<string, unknown>, (copy) => {
      for (const [key, one] of Object.entries(value)) copy[key] = move(one);
    });
  };
  return move(fields) as Fields;
}

function moveProcess({ id, spawned }: Process, to: Network): object {
  const process = to.process(id);
  // What the spawn set off was before the fork.
  if (spawned) Object.defineProperty(process, 'spawned', { value: spawned, enumerable: true });
  return process;
}

function isProcessOf(network: Network, value: unknown): value is Process {
  return (
    (value as { readonly network?: unknown } | null)?.network === network &&
    'eval' in (value as object)
  );
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
