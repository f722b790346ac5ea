/** Reading the state of a process from its live memory: no message, no dry-run, nothing changes. */
import type { Inspection, StateKey, StateValue } from '../../actors/lua/inspect.js';
import { writePath } from '../../actors/lua/inspect.js';
import type { ActorNetwork } from '../../actors/network.js';
import { KitError } from '../errors.js';
import type { Ref } from '../people/refs.js';
import { as, type Decoder } from './decoders.js';
import { meantBy } from './near-name.js';
import { parsePath, type StatePath } from './paths.js';

/** A way to read that gives the answer the type that a decoder makes of it. */
export interface Read {
  (process: Ref, path: StatePath): Promise<StateValue>;
  <T>(process: Ref, path: StatePath, decode: Decoder<T>): Promise<T>;
}

/** The same of one process. */
export interface ReadOwn {
  (path: StatePath): Promise<StateValue>;
  <T>(path: StatePath, decode: Decoder<T>): Promise<T>;
}

export function createRead(
  current: () => ActorNetwork,
  reach: (ref: Ref) => Promise<string>,
): Read {
  function read(process: Ref, path: StatePath): Promise<StateValue>;
  function read<T>(process: Ref, path: StatePath, decode: Decoder<T>): Promise<T>;
  async function read(process: Ref, path: StatePath, decode: Decoder<unknown> = as.any) {
    const keys = parsePath(path);
    const id = await reach(process);
    const { inspect } = current().units.compute;
    const found = await inspect(id, keys);
    try {
      return decode(valueIn(found, keys, id), writePath(keys));
    } catch (error) {
      const missing = missingIn(found, keys);
      if (!(error instanceof KitError) || !missing) throw error;
      const { code, message, details, hint } = error;
      const meant = await meantBy(inspect, id, missing);
      throw new KitError(code, message, { hint: `${meant}${hint}`, details });
    }
  }
  return read;
}

export function readOwn(read: Read, id: string): ReadOwn {
  function own(path: StatePath): Promise<StateValue>;
  function own<T>(path: StatePath, decode: Decoder<T>): Promise<T>;
  function own(path: StatePath, decode: Decoder<unknown> = as.any) {
    return read(id, path, decode);
  }
  return own;
}

/** The path as far as nothing is there, if that is why a read fails. */
function missingIn(found: Inspection, keys: readonly StateKey[]): readonly StateKey[] | undefined {
  if (found.kind === 'blocked' && found.type === 'nil') return keys.slice(0, found.steps);
  return found.kind === 'value' && found.value === undefined ? keys : undefined;
}

function valueIn(found: Inspection, keys: readonly StateKey[], process: string): StateValue {
  if (found.kind === 'value') return found.value;
  if (found.kind === 'blocked') throw blocked(found.steps, found.type, keys);
  if (found.kind === 'excess') throw tooLarge(keys, found);
  throw new KitError('STATE_NOT_LUA', `the process ${process} has no Lua of Corral's to read`, {
    hint: 'Its module is WebAssembly: ask it by dryRun, as programs on AO are asked.',
    details: { process },
  });
}

function blocked(steps: number, type: string, keys: readonly StateKey[]): KitError {
  const [at, whole] = [writePath(keys.slice(0, steps)), writePath(keys)];
  const what = type === 'nil' ? 'nil' : `a ${type}`;
  return new KitError('STATE_PATH', `${whole} leads nowhere: ${at} is ${what}`, {
    hint:
      type === 'nil'
        ? 'Look for a misspelt name; local variables of a program cannot be read, globals can.'
        : `Read ${at} itself, or look at how it is set.`,
    details: { path: whole, at, type },
  });
}

const BOUNDS = {
  depth: 'levels of tables',
  values: 'values',
  bytes: 'bytes of text',
} as const;

function tooLarge(
  keys: readonly StateKey[],
  { bound, limit }: Extract<Inspection, { kind: 'excess' }>,
): KitError {
  const path = writePath(keys);
  const text = `${path} has more than ${limit} ${BOUNDS[bound]}`;
  return new KitError('STATE_TOO_LARGE', text, {
    hint: 'Read a part of it by a longer path.',
    details: { path, bound, limit },
  });
}
