/**
 * Paths into the state of a process, from its globals: `Balances.alice`, `Queue[1].fee`,
 * `Prices["two words"]`. What stands after a dot is a string key, whatever it looks like (addresses
 * may begin with a digit or have a dash); `[1]` is an integer, `["1"]` a string.
 */
import type { StateKey } from '../../actors/lua/inspect.js';
import { KitError, show } from '../errors.js';

/** Text as above, or the keys themselves. */
export type StatePath = string | readonly StateKey[];

const STEP =
  /(?:^|(?<=.)\.)([^.[\]"']+)|\[(-?\d+)\]|\[(true|false)\]|\["((?:[^"\\]|\\.)*)"\]|\['((?:[^'\\]|\\.)*)'\]/y;

/** @throws {BAD_PATH} */
export function parsePath(path: StatePath): readonly StateKey[] {
  const keys = typeof path === 'string' ? parseText(path) : checkKeys(path);
  if (keys.length > 0) return keys;
  throw badPath(path, 'it is empty');
}

function parseText(path: string): StateKey[] {
  const keys: StateKey[] = [];
  STEP.lastIndex = 0;
  for (let at = 0; at < path.length; at = STEP.lastIndex) {
    const match = STEP.exec(path);
    if (!match) throw badPath(path, `there is no key at ${show(path.slice(at))}`);
    const [, name, integer, truth, double, single] = match;
    if (name !== undefined) keys.push(name);
    else if (integer !== undefined) keys.push(BigInt(integer));
    else if (truth !== undefined) keys.push(truth === 'true');
    else keys.push((double ?? single ?? '').replace(/\\(.)/g, '$1'));
  }
  return keys;
}

function checkKeys(path: unknown): readonly StateKey[] {
  if (!Array.isArray(path)) throw badPath(path, 'it is neither text nor a list of keys');
  for (const key of path) {
    const isKey = ['string', 'bigint', 'boolean'].includes(typeof key);
    if (!isKey && !(typeof key === 'number' && !Number.isNaN(key))) {
      throw badPath(path, `${show(key)} is no key of a table`);
    }
  }
  return path;
}

function badPath(path: unknown, why: string): KitError {
  return new KitError('BAD_PATH', `${show(path)} is no path: ${why}`, {
    hint: 'Write Balances.alice, Queue[1].fee, Prices["two words"], or give a list of keys.',
    details: { path },
  });
}
