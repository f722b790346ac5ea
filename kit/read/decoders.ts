/**
 * Decoders: what a value read from a process must be, and with it the type of the answer. Lua's types
 * say less than TypeScript's: whether a table is a list, or an integer money.
 */
import type { StateValue } from '../../actors/lua/inspect.js';
import { KitError } from '../errors.js';

/** Gives back the value as what it is. @throws {STATE_TYPE} with the path, if it is something else */
export type Decoder<T> = (value: StateValue, path: string) => T;

/** What a decoder makes. */
export type Decoded<D> = D extends Decoder<infer T> ? T : never;

export const as = {
  string: (value: StateValue, path: string): string => {
    if (typeof value === 'string') return value;
    throw wrongType(path, value, 'a string');
  },
  /** An integer of any size, as bigint. */
  integer: (value: StateValue, path: string): bigint => {
    if (typeof value === 'bigint') return value;
    if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
    throw wrongType(path, value, 'an integer');
  },
  /** A float, or an integer that a number can hold. */
  number: (value: StateValue, path: string): number => {
    if (typeof value === 'number') return value;
    throw wrongType(
      path,
      value,
      typeof value === 'bigint' ? 'a number (as.integer reads it)' : 'a number',
    );
  },
  boolean: (value: StateValue, path: string): boolean => {
    if (typeof value === 'boolean') return value;
    throw wrongType(path, value, 'a boolean');
  },
  /** Bytes of a string, UTF-8 or not. */
  bytes: (value: StateValue, path: string): Uint8Array => {
    if (typeof value === 'string') return Buffer.from(value);
    if (value instanceof Uint8Array) return value;
    throw wrongType(path, value, 'a string');
  },
  /** A table with the keys 1 to n, or an empty one. */
  list:
    <T>(item: Decoder<T>): Decoder<T[]> =>
    (value, path) => {
      if (!isList(value)) throw wrongType(path, value, 'a list');
      return value.map((one, index) => item(one, `${path}[${index + 1}]`));
    },
  /** A table with string keys, or an empty one; other keys are written `[3]`. */
  record:
    <T>(item: Decoder<T>): Decoder<Record<string, T>> =>
    (value, path) => {
      if (!isTable(value)) throw wrongType(path, value, 'a table with string keys');
      return Object.fromEntries(
        Object.entries(value).map(([key, one]) => [key, item(one, stepInto(path, key))]),
      );
    },
  /** A table with at least these fields. */
  object:
    <Fields extends Readonly<Record<string, Decoder<unknown>>>>(
      fields: Fields,
    ): Decoder<{ [Name in keyof Fields]: Decoded<Fields[Name]> }> =>
    (value, path) => {
      if (!isTable(value)) throw wrongType(path, value, 'a table');
      const found = new Map(Object.entries(value));
      const decoded = Object.entries(fields).map(([name, field]) => [
        name,
        field(found.get(name), stepInto(path, name)),
      ]);
      return Object.fromEntries(decoded);
    },
  /** What may be nil. */
  optional:
    <T>(item: Decoder<T>): Decoder<T | undefined> =>
    (value, path) =>
      value === undefined ? undefined : item(value, path),
  /** Whatever it is. */
  any: (value: StateValue): StateValue => value,
} as const;

function isList(value: StateValue): value is readonly StateValue[] {
  return Array.isArray(value);
}

/** Only an empty list may be a record as well: Lua has one kind of table. */
function isTable(value: StateValue): value is { readonly [key: string]: StateValue } {
  if (typeof value !== 'object' || value instanceof Uint8Array) return false;
  return Array.isArray(value) ? value.length === 0 : !('<lua>' in value);
}

function stepInto(path: string, key: string): string {
  if (/^\[.*\]$/.test(key)) return path + key;
  return /^[A-Za-z_]\w*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

function wrongType(path: string, value: StateValue, wanted: string): KitError {
  return new KitError('STATE_TYPE', `${path} is ${describeValue(value)}, not ${wanted}`, {
    hint:
      value === undefined
        ? 'Write as.optional(...) where it may be nil.'
        : 'Read it as what it is, or look at how it is set.',
    details: { path, value },
  });
}

/** A value in words: `the string "12"`, `nil`, `a list of 3`. */
export function describeValue(value: StateValue): string {
  if (value === undefined) return 'nil';
  if (typeof value === 'string') {
    return `the string ${JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value)}`;
  }
  if (typeof value === 'bigint') return `the integer ${value}`;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return `${value}`;
  if (value instanceof Uint8Array) return `a string of ${value.length} bytes that are no text`;
  if (isList(value)) return value.length === 0 ? 'an empty table' : `a list of ${value.length}`;
  const name = (value as { readonly '<lua>'?: unknown })['<lua>'];
  if (typeof name === 'string') return name.startsWith('the ') ? name : `a ${name}`;
  return `a table with ${Object.keys(value).slice(0, 4).join(', ')}`;
}
